// The list itself: only the rows in sight are part of the page.
import { computed, useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { say } from "../../text/strings";
import { choices, fitting, template, type Column } from "./columns";
import { Row, rowId } from "./Row";
import { telling } from "./telling";
import { current, feed, narrow, scrolled, selectAll, selected } from "./view";
import { rangeOf, scrollFor } from "./window";

const ROW_PX = 38;
const NARROW_ROW_PX = 62;
const NARROW_PX = 640;
const NARROW_COLUMNS: readonly Column[] = ["name", "state", "progress", "duration"];
/** So many rows before the end the next page is asked for. */
const AHEAD = 200;

/** Shows the jobs of the feed. */
export function Grid(): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const size = useSignal({ width: innerWidth, height: innerHeight });
  const columns = useComputed(() => (narrow.value ? NARROW_COLUMNS : fitting(choices.value, size.value.width, telling.value)));
  useMeasure(place, (width, height) => {
    narrow.value = width <= NARROW_PX;
    size.value = { width, height };
  });
  useFollowing(place);
  const rows = feed.list.shown;
  const rowPx = narrow.value ? NARROW_ROW_PX : ROW_PX;
  return (
    <div
      ref={place}
      class={narrow.value ? "grid is-narrow" : "grid"}
      role="treegrid"
      aria-label={say("list.grid")}
      aria-rowcount={feed.list.complete.value ? rows.value.length + 1 : -1}
      aria-colcount={columns.value.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={current.value === null ? undefined : rowId(current.value)}
      tabIndex={0}
      style={{ "--columns": template(columns.value), "--row": `${rowPx}px` }}
      onScroll={(event) => (scrolled.value = event.currentTarget.scrollTop)}
    >
      {!narrow.value && <Head columns={columns.value} />}
      <Body columns={columns.value} rowPx={rowPx} heightPx={size.value.height} />
    </div>
  );
}

function Body({ columns, rowPx, heightPx }: { columns: readonly Column[]; rowPx: number; heightPx: number }): JSX.Element {
  const ids = feed.list.shown.value;
  const from = useMemo(
    () => computed(() => rangeOf(scrolled.value, heightPx, rowPx, feed.list.shown.value.length).from),
    [heightPx, rowPx],
  ).value;
  const { to } = rangeOf(scrolled.peek(), heightPx, rowPx, ids.length);
  useEffect(() => {
    if (to + AHEAD >= ids.length) void feed.more();
  }, [to, ids.length]);
  const drawn = ids.slice(from, to);
  // The row that the cursor is on stays part of the page, for screen readers to find.
  const at = current.value === null ? -1 : ids.indexOf(current.value);
  const places = drawn.map((_, n) => from + n);
  if (at >= 0 && (at < from || at >= to)) places.push(at);
  return (
    <div class="rows" role="rowgroup" style={{ height: `${ids.length * rowPx}px` }}>
      {places.map((index) => {
        const id = ids[index] as string;
        const job = feed.list.row(id);
        return job && <Row key={id} job={job} index={index} topPx={index * rowPx} columns={columns} />;
      })}
    </div>
  );
}

function Head({ columns }: { columns: readonly Column[] }): JSX.Element {
  const isAll = useComputed(() => selected.value.size > 0 && feed.list.top.value.every((id) => selected.value.has(id)));
  return (
    <div class="grid-head" role="rowgroup">
      <div class="row row-head" role="row" aria-rowindex={1}>
        <span role="columnheader" class="cell cell-select">
          <label class="check">
            <input
              type="checkbox"
              tabIndex={-1}
              checked={isAll.value}
              indeterminate={!isAll.value && selected.value.size > 0}
              aria-label={say("list.select_all")}
              onChange={selectAll}
            />
          </label>
        </span>
        {columns.map((column) => (
          <span key={column} role="columnheader" class={`cell cell-${column}`}>
            {say(`col.${column}`)}
          </span>
        ))}
      </div>
    </div>
  );
}

function useMeasure(place: { current: HTMLElement | null }, tell: (width: number, height: number) => void): void {
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const measure = (): void => tell(element.clientWidth, element.clientHeight);
    measure();
    element.scrollTop = scrolled.peek();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
}

/** Keeps the row that the cursor is on in sight. */
function useFollowing(place: { current: HTMLElement | null }): void {
  useEffect(
    () =>
      current.subscribe((id) => {
        const element = place.current;
        const row = id === null ? -1 : feed.list.shown.peek().indexOf(id);
        if (element === null || row < 0) return;
        const isNarrow = narrow.peek();
        const headPx = isNarrow ? 0 : ROW_PX;
        const to = scrollFor(row, element.scrollTop, element.clientHeight - headPx, isNarrow ? NARROW_ROW_PX : ROW_PX);
        if (to !== null) element.scrollTop = to;
      }),
    [],
  );
}
