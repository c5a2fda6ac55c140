// Words that change with the clock alone: the text is set, and nothing is drawn anew.
import { computed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";

import { now, skewMs } from "../../state/clock";

/** Gives words as of the present second by the server's clock; `of` is what else they depend on. */
export function useTicking(words: (nowMs: number) => string, of: readonly unknown[]): ReadonlySignal<string> {
  return useMemo(() => computed(() => words(now.value + skewMs.value)), of);
}
