// A log in a window that follows its end until somebody scrolls.
import { useComputed, useSignal, useSignalEffect, type ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import { count } from "../text/format";
import { say } from "../text/job";
import { spansOf } from "./ansi";
import { chosen, placeOf, type Range } from "./place";
import type { LogStore } from "./store";
import { useWindow } from "./useWindow";

const ROW_PX = 20;

interface Props {
  store: LogStore;
  /** The lines that the address names; null when it names none of this log. */
  place: ReadonlySignal<Range | null>;
  onPlace: (place: Range) => void;
  wrap: boolean;
}

/** Shows a log. */
export function LogView({ store, place, onPlace, wrap }: Props): JSX.Element {
  const rowPx = useSignal(ROW_PX);
  const shown = useWindow(store.total, rowPx);
  const shownPlace = useSignal<string | null>(null);

  // What is in view is asked for.
  useSignalEffect(() => {
    const { first, end } = shown.rows.value;
    store.changed.value;
    if (store.known.value && shown.viewPx.value > 0) store.want(first + 1, end + 1);
  });
  // The end is followed; a line that the address names is shown once.
  useSignalEffect(() => {
    const total = store.total.value;
    const view = shown.viewPx.value;
    if (!store.known.value || view === 0 || total === 0) return;
    const range = place.value;
    const name = range === null ? null : placeOf(range);
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
    shownPlace.value = placeOf(range);
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
        <Rows store={store} shown={shown} place={place} press={press} wrap={wrap} />
        <Spacer height={shown.height} />
      </div>
      <Follow store={store} toEnd={toEnd} />
    </div>
  );
}

function Spacer({ height }: { height: ReadonlySignal<number> }): JSX.Element {
  return <div class="spacer" style={{ height: `${height.value}px` }} />;
}

type Press = (event: MouseEvent, line: number) => void;
type Shown = ReturnType<typeof useWindow>;

function Rows({ store, shown, place, press, wrap }: Omit<Props, "onPlace"> & { shown: Shown; press: Press }): JSX.Element {
  store.changed.value;
  const { first, end } = shown.rows.value;
  const range = place.value;
  const lines: JSX.Element[] = [];
  for (let line = first + 1; line <= end; line++) {
    const isChosen = range !== null && line >= range.first && line <= range.last;
    lines.push(<Line key={line} line={line} text={store.line(line)} isCut={store.isCut(line)} isChosen={isChosen} press={press} />);
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

interface LineProps {
  line: number;
  text: string | undefined;
  isCut: boolean;
  isChosen: boolean;
  press: Press;
}

function Line({ line, text, isCut, isChosen, press }: LineProps): JSX.Element {
  const spans = useMemo(() => (text === undefined ? [] : spansOf(text)), [text]);
  return (
    <div class={isChosen ? "log-line is-chosen" : "log-line"}>
      <a class="log-number" href={`#L${line}`} tabIndex={-1} onClick={(event) => press(event, line)} data-line={line}>
        <span class="unseen">{say("log.goto", { n: line })}</span>
      </a>
      <span class="log-text">
        {spans.map((span, i) =>
          span.class === "" ? (
            span.text
          ) : (
            <span key={i} class={span.class} {...(span.own && { style: span.own })}>
              {span.text}
            </span>
          ),
        )}
        {isCut && (
          <span class="log-cut" title={say("log.cut")}>
            …
          </span>
        )}
      </span>
    </div>
  );
}

function Follow({ store, toEnd }: { store: LogStore; toEnd: () => void }): JSX.Element | null {
  const following = store.following.value;
  const ended = store.ended.value;
  if (store.total.value === 0) return null;
  return (
    <div class="log-foot">
      <span class="number muted">
        {store.total.value === 1 ? say("log.line") : say("log.lines", { n: count(store.total.value) })}
      </span>
      {!ended && (
        <span class={following ? "log-state is-live" : "log-state"} role="status">
          <span class="live-dot" aria-hidden="true" />
          {say(following ? "log.following" : "log.paused")}
        </span>
      )}
      {!following && (
        <button type="button" class="log-to-end" onClick={toEnd}>
          {say("log.end")}
        </button>
      )}
    </div>
  );
}
