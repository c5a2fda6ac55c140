// A log in a window that follows its end until somebody scrolls.
import { useComputed, useSignal, useSignalEffect, type ReadonlySignal } from "@preact/signals";
import type { JSX, RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { say } from "../text/job";
import type { Finder } from "./finder";
import { Foot } from "./Foot";
import { Line, type Press } from "./Line";
import { chosen, placeOf, type Range } from "./place";
import type { LogStore } from "./store";
import { useWindow } from "./useWindow";

const ROW_PX = 20;
/** So wide may the lines' numbers be, which lie over the text. */
const NUMBERS_PX = 90;

interface Props {
  store: LogStore;
  /** The lines that the address names; null when it names none of this log. */
  place: ReadonlySignal<Range | null>;
  /** Rises when the line that the address names is to be shown again. */
  jump: ReadonlySignal<number>;
  onPlace: (place: Range) => void;
  toLine: (line: number) => void;
  finder: Finder;
  /** The field for a line's number. */
  field: RefObject<HTMLInputElement | null>;
  wrap: boolean;
}

/** Shows a log. */
export function LogView({ store, place, jump, onPlace, toLine, finder, field, wrap }: Props): JSX.Element {
  const rowPx = useSignal(ROW_PX);
  const shown = useWindow(store.total, rowPx);
  const shownPlace = useSignal<string | null>(null);

  // What is in view is asked for.
  useSignalEffect(() => {
    const { first, end } = shown.rows.value;
    store.changed.value;
    finder.sought.value;
    if (!store.known.value || shown.viewPx.value === 0) return;
    store.want(first + 1, end + 1);
    finder.want(first + 1, end + 1);
  });
  // The end is followed; a line that the address names is shown once.
  useSignalEffect(() => {
    const total = store.total.value;
    const view = shown.viewPx.value;
    if (!store.known.value || view === 0 || total === 0) return;
    const range = place.value;
    const name = range === null ? null : nameOf(range, jump.value);
    if (range !== null && name !== shownPlace.peek()) {
      shownPlace.value = name;
      store.following.value = false;
      const { first, end } = shown.rows.peek();
      if (range.first - 1 < first + 4 || range.first > end - 5) shown.show(range.first - 1, "middle");
      else if (shown.top.peek() === 0 && range.first > 1) shown.show(range.first - 1, "middle");
    } else if (store.following.value) shown.show(total - 1, "last");
  });
  const onScroll = (): void => {
    const before = shown.top.peek();
    shown.onScroll();
    if (shown.top.peek() === before) return;
    const follows = shown.atEnd.peek();
    if (follows && !store.following.peek()) store.look();
    store.following.value = follows;
  };
  const press = (event: MouseEvent, line: number): void => {
    event.preventDefault();
    const range = chosen(place.peek(), line, event.shiftKey);
    shownPlace.value = nameOf(range, jump.peek());
    onPlace(range);
  };
  const toEnd = (): void => {
    store.following.value = true;
    store.look();
  };
  return (
    <div class="log-view">
      <div
        class={wrap ? "log-scroll log-wrap" : "log-scroll"}
        ref={shown.scroller}
        onScroll={onScroll}
        tabIndex={0}
        role="region"
        aria-label={say("log.label", { stream: store.stream })}
      >
        <Rows {...{ store, shown, place, jump, finder, press, wrap }} />
        <Spacer height={shown.height} />
      </div>
      <Foot store={store} toEnd={toEnd} toLine={toLine} field={field} />
    </div>
  );
}

function Spacer({ height }: { height: ReadonlySignal<number> }): JSX.Element {
  return <div class="spacer" style={{ height: `${height.value}px` }} />;
}

function nameOf(range: Range, jump: number): string {
  return `${placeOf(range)} ${jump}`;
}

type Shown = ReturnType<typeof useWindow>;

/** After each jump: scrolls sideways to what was found, once it is there. */
function useReveal(scroller: { current: HTMLElement | null }, jump: number): void {
  const revealed = useRef(jump);
  useLayoutEffect(() => {
    const mark = scroller.current?.querySelector(".is-chosen mark");
    if (!scroller.current || !mark || revealed.current === jump) return;
    revealed.current = jump;
    const [here, view] = [mark.getBoundingClientRect(), scroller.current.getBoundingClientRect()];
    if (here.right > view.right || here.left < view.left + NUMBERS_PX) scroller.current.scrollLeft += here.left - view.left - view.width / 3;
  });
}

type RowsProps = Pick<Props, "store" | "place" | "jump" | "finder" | "wrap"> & { shown: Shown; press: Press };

function Rows({ store, shown, place, jump, finder, press, wrap }: RowsProps): JSX.Element {
  store.changed.value;
  const version = finder.changed.value;
  const { first, end } = shown.rows.value;
  const range = place.value;
  const lines: JSX.Element[] = [];
  useReveal(shown.scroller, jump.value);
  for (let line = first + 1; line <= end; line++) {
    const isChosen = range !== null && line >= range.first && line <= range.last;
    const text = store.line(line);
    lines.push(<Line key={line} {...{ line, text, isChosen, finder, version, press }} isCut={store.isCut(line)} />);
  }
  const digits = String(store.total.value).length;
  const width = useMemo(() => ({ "--digits": `${Math.max(3, digits)}ch` }), [digits]);
  return (
    <div class="sticky-window" style={width}>
      <Moved shown={shown} wrap={wrap}>
        {lines}
      </Moved>
    </div>
  );
}

/** Moves the rows by pixels; the rows themselves stay as they are. Wrapped ones are higher than they count: the last is put last. */
function Moved({ shown, wrap, children }: { shown: Shown; wrap: boolean; children: JSX.Element[] }): JSX.Element {
  const offset = useComputed(() => shown.rows.value.first * ROW_PX - shown.top.value);
  const atEnd = wrap && shown.atEnd.value && shown.top.value > 0;
  if (atEnd) {
    return (
      <div class="log-rows log-rows-end" style={{ transform: `translateY(calc(${shown.viewPx.value}px - 100%))` }}>
        {children}
      </div>
    );
  }
  return (
    <div class="log-rows" style={{ transform: `translateY(${offset.value}px)` }}>
      {children}
    </div>
  );
}
