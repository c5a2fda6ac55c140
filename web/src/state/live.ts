// The live connection of the page that is shown, for the header to tell of.
import { effect, signal } from "@preact/signals";

import { Live, type Listener } from "../api/live";
import type { Parameters } from "../api/client";

/** The present connection; null on pages that need none. */
export const live = signal<Live | null>(null);

/** The one that is not closed: `live`, or the one that will take its place. */
let present: Live | null = null;

/** Opens the page's one connection in the place of the one before; gives a function that ends it. */
export function follow(filter: Parameters, after: number | null, listen: Listener): () => void {
  const wasLive = live.peek()?.status.peek().kind === "live";
  present?.close();
  const mine = new Live(filter, after, listen);
  present = mine;
  // From one search to the next: that the second connection is not there at once is nothing to tell of.
  const stop = effect(() => {
    if (present === mine && (!wasLive || mine.status.value.kind !== "connecting")) live.value = mine;
  });
  return () => {
    stop();
    mine.close();
    if (present === mine) live.value = present = null;
  };
}
