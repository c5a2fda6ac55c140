// One clock for the whole page: it ticks once a second while the page is seen.
import { signal } from "@preact/signals";

/** The present time in milliseconds, as of the last tick. */
export const now = signal(Date.now());

/** How much later the server's clock is than ours, in milliseconds. */
export const skewMs = signal(0);

/** Starts the ticking; called once. */
export function tick(): void {
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) now.value = Date.now();
  });
}
