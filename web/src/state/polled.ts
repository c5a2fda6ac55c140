// What the server says now and then: asked again while the page is seen.
import { signal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { get, Refused } from "../api/client";

/** `absent`: this server has no such thing. `refused`: why not, in the server's words. */
export interface Polled<T> {
  value: T | null;
  absent: boolean;
  refused: string | null;
}

const ABSENT: readonly number[] = [404, 405];

/** Asks a path of the native protocol now, every so often, and when `again` is called. */
export function usePolled<T>(path: string, everyMs: number): { told: ReadonlySignal<Polled<T>>; again: () => void } {
  const asked = useMemo(() => {
    const told = signal<Polled<T>>({ value: null, absent: false, refused: null });
    const again = (): void => {
      get<T>(path).then(
        (value) => (told.value = { value, absent: false, refused: null }),
        (error: unknown) => (told.value = afterwards(told.peek(), error)),
      );
    };
    return { told, again };
  }, [path]);
  useEffect(() => {
    asked.again();
    const timer = setInterval(() => {
      if (!document.hidden) asked.again();
    }, everyMs);
    return () => clearInterval(timer);
  }, [asked, everyMs]);
  return asked;
}

function afterwards<T>(before: Polled<T>, error: unknown): Polled<T> {
  if (error instanceof Refused && ABSENT.includes(error.status)) return { value: null, absent: true, refused: null };
  return { ...before, refused: error instanceof Error ? error.message : String(error) };
}
