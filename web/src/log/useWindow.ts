// A scroller that draws only the rows in view.
import { useComputed, useSignal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { farthest, heightOf, rowsIn, scrollFor, topAfter, type Extent } from "./window";

const REST_MS = 140;

export interface Window {
  /** For the element that scrolls. */
  scroller: RefObject<HTMLDivElement | null>;
  onScroll: () => void;
  /** How far the top of the view is from the top of all rows. */
  top: ReadonlySignal<number>;
  viewPx: ReadonlySignal<number>;
  /** The rows to draw. */
  rows: ReadonlySignal<{ first: number; end: number }>;
  height: ReadonlySignal<number>;
  atEnd: ReadonlySignal<boolean>;
  /** Scrolls so that a row is the first in view, or the last, or in the middle. */
  show: (row: number, where: "first" | "last" | "middle") => void;
}

/** Gives the window over `rows` rows of `rowPx` pixels each. */
export function useWindow(rows: ReadonlySignal<number>, rowPx: ReadonlySignal<number>): Window {
  const scroller = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const viewPx = useSignal(0);
  const scrolled = useRef(0);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const extent = useComputed<Extent>(() => ({ rows: rows.value, rowPx: rowPx.value, viewPx: viewPx.value }));
  const drawn = useSame(useComputed(() => rowsIn(Math.min(top.value, farthest(extent.value)), extent.value)));
  const height = useComputed(() => heightOf(extent.value));
  const atEnd = useComputed(() => top.value >= farthest(extent.value) - 1);

  const settle = (): void => {
    const element = scroller.current;
    if (element === null) return;
    const to = scrollFor(top.peek(), extent.peek());
    if (Math.abs(element.scrollTop - to) > 1) element.scrollTop = to;
    scrolled.current = element.scrollTop;
  };
  const onScroll = (): void => {
    const element = scroller.current;
    if (element === null) return;
    const before = scrolled.current;
    scrolled.current = element.scrollTop;
    if (Math.abs(element.scrollTop - before) < 0.5) return;
    top.value = topAfter(top.peek(), before, element.scrollTop, extent.peek());
    clearTimeout(rest.current);
    rest.current = setTimeout(settle, REST_MS);
  };
  const show = (row: number, where: "first" | "last" | "middle"): void => {
    const { rowPx: px, viewPx: view } = extent.peek();
    const before = where === "first" ? 0 : where === "last" ? view - px : (view - px) / 2;
    top.value = Math.max(0, Math.min(farthest(extent.peek()), row * px - before));
    // The element may have to grow first: what was drawn before is drawn again before the next frame.
    clearTimeout(rest.current);
    settle();
    requestAnimationFrame(settle);
  };
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const measure = (): void => void (viewPx.value = element.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
      clearTimeout(rest.current);
    };
  }, []);
  return { scroller, onScroll, top, viewPx, rows: drawn, height, atEnd, show };
}

/** Keeps the same object while the rows are the same, so that scrolling by a pixel draws nothing anew. */
function useSame(rows: ReadonlySignal<{ first: number; end: number }>): Signal<{ first: number; end: number }> {
  const last = useRef(rows.peek());
  return useComputed(() => {
    const { first, end } = rows.value;
    if (last.current.first !== first || last.current.end !== end) last.current = { first, end };
    return last.current;
  }) as Signal<{ first: number; end: number }>;
}
