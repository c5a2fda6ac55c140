// The live connection of the page that is shown, for the header to tell of.
import { signal } from "@preact/signals";

import { Live, type Listener } from "../api/live";
import type { Parameters } from "../api/client";

/** The present connection; null on pages that need none. */
export const live = signal<Live | null>(null);

/** Opens the page's one connection in the place of the one before; gives a function that ends it. */
export function follow(filter: Parameters, after: number | null, listen: Listener): () => void {
  live.peek()?.close();
  const mine = new Live(filter, after, listen);
  live.value = mine;
  return () => {
    mine.close();
    if (live.peek() === mine) live.value = null;
  };
}
