// How wide the screen is.
import { signal } from "@preact/signals";

const wide = window.matchMedia("(max-width: 640px)");

/** Whether the screen is as narrow as a phone's. */
export const narrow = signal(wide.matches);
wide.addEventListener("change", () => (narrow.value = wide.matches));
