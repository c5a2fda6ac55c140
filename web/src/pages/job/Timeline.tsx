// A job's life drawn to scale, and the same in words.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";

import type { JobDocument } from "../../api/types";
import { now } from "../../state/clock";
import type { JobState, Seen } from "../../state/job";
import { clean, count, duration } from "../../text/format";
import { exactly } from "./numbers";
import { say } from "../../text/job";
import { say as common } from "../../text/strings";
import { narrow } from "./screen";
import { marks, spansOf, type Span } from "./spans";
import { Time } from "./Time";

const WORKERS_DRAWN = 40;
const MARKS = 6;
const FEW_MARKS = 3;

/** The panel of the timeline. */
export function Timeline({ state }: { state: JobState }): JSX.Element | null {
  const job = state.document.value;
  if (job === null) return null;
  return <Drawn job={job} state={state} />;
}

interface Scale {
  begin: number;
  end: number;
}

function Drawn({ job, state }: { job: JobDocument; state: JobState }): JSX.Element {
  const spans = spansOf(job, state.events.value);
  const scale = useComputed<Scale>(() => {
    const ended = state.document.value?.ended ?? null;
    const begin = Date.parse(state.document.value?.created ?? job.created);
    const end = ended === null ? now.value : Date.parse(ended);
    return { begin, end: Math.max(end, begin + 1) };
  });
  const attempts = [...new Set(spans.map((span) => span.attempt))];
  return (
    <div class="timeline">
      <div class="time-chart" aria-hidden="true">
        <Marks scale={scale.value} />
        {attempts.map((no) => (
          <div key={no} class="time-row">
            <span class="time-name">{attempts.length > 1 ? say("time.attempt", { n: no }) : say("time.job")}</span>
            <span class="time-track">
              {spans
                .filter((span) => span.attempt === no && span.phase !== "between")
                .map((span) => (
                  <Piece key={span.phase} span={span} scale={scale.value} />
                ))}
            </span>
          </div>
        ))}
        <WorkerSpans state={state} scale={scale.value} />
      </div>
      <Words spans={spans} end={scale.value.end} job={job} />
    </div>
  );
}

function Marks({ scale }: { scale: Scale }): JSX.Element {
  const wholeMs = scale.end - scale.begin;
  return (
    <div class="time-row time-marks">
      <span class="time-name" />
      <span class="time-track">
        {marks(wholeMs, narrow.value ? FEW_MARKS : MARKS).map(({ ms, words }) => (
          <span key={ms} class={`time-mark number ${ms === wholeMs ? "is-end" : ""}`} style={{ left: `${(100 * ms) / wholeMs}%` }}>
            {words}
          </span>
        ))}
      </span>
    </div>
  );
}

function placed(begin: number, end: number, scale: Scale): Record<string, string> {
  const whole = scale.end - scale.begin;
  const left = Math.min(1, Math.max(0, (begin - scale.begin) / whole));
  const width = Math.min(1 - left, Math.max(0, (end - begin) / whole));
  return { left: `${100 * left}%`, width: `${100 * width}%` };
}

function Piece({ span, scale }: { span: Span; scale: Scale }): JSX.Element {
  const end = span.end ?? scale.end;
  return (
    <span class={`time-piece time-${span.phase} ${span.outcome ? `time-is-${span.outcome}` : ""}`} style={placed(span.begin, end, scale)}>
      <span class="time-piece-words">
        {say(`time.${span.phase === "between" ? "accepted" : span.phase}`)} {span.end === null ? duration((end - span.begin) / 1000) : exactly(end - span.begin)}
      </span>
    </span>
  );
}

function WorkerSpans({ state, scale }: { state: JobState; scale: Scale }): JSX.Element | null {
  state.workersChanged.value;
  const ids = state.workerIds.value;
  if (ids.length === 0) return null;
  const workers = ids.map((id) => state.worker(id)?.peek()).filter((worker): worker is Seen => worker !== undefined);
  const first = workers.sort((a, b) => a.first_seen.localeCompare(b.first_seen) || a.id.localeCompare(b.id));
  return (
    <>
      {first.slice(0, WORKERS_DRAWN).map((worker) => (
        <div key={worker.id} class="time-row time-worker-row">
          <span class="time-name" title={clean(worker.id)}>
            <bdi>{clean(worker.id)}</bdi>
          </span>
          <span class="time-track">
            <span
              class={`time-worker ${worker.ok ? "" : "is-problem"}`}
              title={say("time.first_last", { first: worker.first_seen, last: worker.updated })}
              style={placed(Date.parse(worker.first_seen), Date.parse(worker.updated), scale)}
            />
          </span>
        </div>
      ))}
      {first.length > WORKERS_DRAWN && (
        <p class="muted time-more">{say("time.workers_more", { n: count(first.length - WORKERS_DRAWN) })}</p>
      )}
    </>
  );
}

const PHASES = { accepted: "time.waiting", queued: "time.in_queue", running: "time.running", between: "time.between" } as const;

function Words({ spans, end, job }: { spans: readonly Span[]; end: number; job: JobDocument }): JSX.Element {
  return (
    <div class="table-scroll">
      <table class="j-table">
        <thead>
          <tr>
            <th scope="col">{say("time.phase")}</th>
            <th scope="col">{say("time.from")}</th>
            <th scope="col">{say("time.to")}</th>
            <th scope="col" class="right">
              {say("time.took")}
            </th>
          </tr>
        </thead>
        <tbody>
          {spans.map((span) => (
            <tr key={`${span.attempt} ${span.phase}`}>
              <th scope="row">
                {job.attempt > 1 && <span class="muted">{say("time.attempt", { n: span.attempt })}: </span>}
                {say(PHASES[span.phase])}
                {span.outcome !== null && <span class={`nowrap state-${span.outcome}`}> ({common(`state.${span.outcome}`)})</span>}
              </th>
              <td>
                <Time at={new Date(span.begin).toISOString()} />
              </td>
              <td>{span.end === null ? <span class="muted">{say("time.still")}</span> : <Time at={new Date(span.end).toISOString()} />}</td>
              <td class="right number">{span.end === null ? duration((end - span.begin) / 1000) : exactly(span.end - span.begin)}</td>
            </tr>
          ))}
          <tr class="time-sum">
            <th scope="row">{say("time.total")}</th>
            <td />
            <td />
            <td class="right number">{job.ended === null ? duration((end - Date.parse(job.created)) / 1000) : exactly(end - Date.parse(job.created))}</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}
