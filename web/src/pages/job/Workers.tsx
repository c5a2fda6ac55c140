// The workers of a job: a bar each.
import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";

import { at } from "../../app/root";
import { useWindow } from "../../log/useWindow";
import { kept } from "../../state/prefs";
import type { JobState } from "../../state/job";
import { clean, count } from "../../text/format";
import { say } from "../../text/job";
import { quote } from "../../text/shell";
import { Empty } from "./Empty";
import { inOrder, isOrder, ORDERS, type Order } from "./order";
import { narrow } from "./screen";
import { WorkerRow } from "./WorkerRow";

const ALL_DRAWN = 120;
const STILL = 30;
const ROW_PX = 38;
const NARROW_ROW_PX = 78;
const order = kept<Order>("workers.order", "name", isOrder);

/** The panel of the workers. */
export function Workers({ state }: { state: JobState }): JSX.Element {
  const text = useSignal("");
  const ids = useComputed(() => inOrder(state, order.value, text.value));
  const all = state.workerIds.value.length;
  if (all === 0) return <NoWorkers state={state} />;
  return (
    <div class="workers">
      <div class="j-toolbar">
        <label class="j-field">
          <span>{say("workers.sort")}</span>
          <select value={order.value} onChange={(event) => (order.value = event.currentTarget.value as Order)}>
            {ORDERS.map((each) => (
              <option key={each} value={each}>
                {say(`workers.sort.${each}`)}
              </option>
            ))}
          </select>
        </label>
        <input
          type="search"
          class="j-grow"
          placeholder={say("workers.filter")}
          aria-label={say("workers.filter")}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
        <span class="muted number" role="status">
          {all === 1 ? say("workers.one") : say("workers.summary", { count: count(all) })}
          {state.readingWorkers.value && ` (${say("workers.reading", { n: count(all) })})`}
        </span>
      </div>
      {ids.value.length === 0 ? (
        <p class="muted">{say("workers.no_match", { text: clean(text.value) })}</p>
      ) : (
        <Rows state={state} ids={ids} />
      )}
    </div>
  );
}

function Rows({ state, ids }: { state: JobState; ids: ReadonlySignal<readonly string[]> }): JSX.Element {
  const rowPx = useComputed(() => (narrow.value ? NARROW_ROW_PX : ROW_PX));
  const shown = useWindow(
    useComputed(() => ids.value.length),
    rowPx,
  );
  const windowed = ids.value.length > ALL_DRAWN;
  const { first, end } = windowed ? shown.rows.value : { first: 0, end: ids.value.length };
  const offset = useComputed(() => shown.rows.value.first * rowPx.value - shown.top.value);
  const rows = ids.value.slice(first, end).map((id, i) => <WorkerRow key={id} state={state} id={id} row={first + i} />);
  const still = end - first > STILL ? "" : "moving";
  return (
    <div class="worker-table" role="table" aria-label={say("tab.workers")} aria-rowcount={ids.value.length + 1}>
      <div role="rowgroup" class="worker-names">
        <div role="row" class="worker" aria-rowindex={1}>
          {(["name", "progress", "done", "rate", "eta", "seen", "desc"] as const).map((column) => (
            <span key={column} role="columnheader" class={`worker-${column}`}>
              {say(`workers.${column}`)}
            </span>
          ))}
        </div>
      </div>
      {windowed ? (
        <div class="worker-scroll" ref={shown.scroller} onScroll={shown.onScroll} tabIndex={0} role="rowgroup" aria-label={say("tab.workers")}>
          <div class="sticky-window" role="presentation">
            <Moved by={offset} class={still}>
              {rows}
            </Moved>
          </div>
          <div class="spacer" role="presentation" style={{ height: `${shown.height.value}px` }} />
        </div>
      ) : (
        <div role="rowgroup" class={still}>
          {rows}
        </div>
      )}
    </div>
  );
}

/** Moves the rows by pixels; the rows themselves are not drawn anew. */
function Moved({ by, class: name, children }: { by: ReadonlySignal<number>; class: string; children: JSX.Element[] }): JSX.Element {
  return (
    <div class={name} role="presentation" style={{ transform: `translateY(${by.value}px)` }}>
      {children}
    </div>
  );
}

function NoWorkers({ state }: { state: JobState }): JSX.Element {
  const job = state.document.value;
  if (job === null || state.readingWorkers.value) return <p class="muted">{say("loading")}</p>;
  if (state.hasEnded.value) return <Empty title={say("workers.none_at_all")} words={say("workers.none_ended")} />;
  if (!job.may.includes("report")) return <Empty title={say("workers.none")} words={say("workers.none_seen")} />;
  const url = at(`api/v1/jobs/${job.number}/workers/w1`);
  const example = `curl -X PUT -H 'Content-Type: application/json' -d '{"current": 5, "total": 20}' ${quote(url)}`;
  return <Empty title={say("workers.none")} words={say("workers.none_words")} example={example} />;
}
