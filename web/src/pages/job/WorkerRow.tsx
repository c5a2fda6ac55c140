// One worker.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";

import { Bar, type Tone } from "../../parts/Bar";
import { Icon } from "../../parts/Icon";
import { now } from "../../state/clock";
import type { JobState, Seen } from "../../state/job";
import { bytes, bytesOf, clean, duration, percent, rate } from "../../text/format";
import { say } from "../../text/job";
import { numberWords } from "./numbers";
import { Time } from "./Time";

const JUST_NOW_S = 2;
/** The worker that tells how far the copying of a job's files is; it counts bytes. */
const STAGING = "staging";

/** A row of the table; a report redraws it and no other. */
export function WorkerRow({ state, id, row }: { state: JobState; id: string; row: number }): JSX.Element | null {
  const worker = state.worker(id)?.value;
  if (worker === undefined) return null;
  const ended = state.hasEnded.value;
  const mark = markOf(worker, ended);
  const isCopying = id === STAGING && Boolean(state.document.value?.sandbox);
  const words = clean(worker.desc) || (isCopying ? say("workers.staging") : "");
  const [done, all] = isCopying ? bytesOf(worker.current, worker.total ?? 0) : [numberWords(worker.current), numberWords(worker.total ?? 0)];
  return (
    <div role="row" class={`worker worker-is-${mark ?? "well"}`} aria-rowindex={row + 2}>
      <span role="cell" class="worker-name" title={clean(worker.id)}>
        <bdi>{clean(worker.id)}</bdi>
      </span>
      <span role="cell" class="worker-progress">
        <Bar fraction={worker.fraction} tone={toneOf(mark)} label={clean(worker.id)} />
        <span class="worker-percent number">{worker.fraction === null ? "" : percent(worker.fraction)}</span>
      </span>
      <span role="cell" class="worker-done number">
        {done}
        {worker.total !== null && worker.total > 0 && <span class="muted">{` / ${all}`}</span>}
      </span>
      <span role="cell" class="worker-rate number">
        {worker.rate_per_s === null ? "" : isCopying ? `${bytes(worker.rate_per_s)}/s` : rate(worker.rate_per_s)}
      </span>
      <span role="cell" class="worker-eta number">
        {mark === null && worker.eta_s !== null && !ended ? <Left worker={worker} /> : <Mark mark={mark} />}
      </span>
      <span role="cell" class="worker-seen number muted">
        {ended ? <Time at={worker.updated} /> : <Ago updated={worker.updated} />}
      </span>
      <span role="cell" class="worker-desc" title={words}>
        <bdi>{words}</bdi>
      </span>
    </div>
  );
}

type Marked = "finished" | "stalled" | "problem";

function markOf(worker: Seen, ended: boolean): Marked | null {
  if (!worker.ok) return "problem";
  if (worker.finished) return "finished";
  return worker.stalled && !ended ? "stalled" : null;
}

function toneOf(mark: Marked | null): Tone {
  return mark === "problem" || mark === "stalled" ? mark : "ok";
}

function Mark({ mark }: { mark: Marked | null }): JSX.Element | null {
  if (mark === null) return null;
  return (
    <span class={`mark mark-${mark}`}>
      <Icon name={mark === "finished" ? "succeeded" : mark} />
      {say(`workers.${mark}`)}
    </span>
  );
}

function Left({ worker }: { worker: Seen }): JSX.Element {
  const words = useComputed(() => duration(Math.ceil((worker.eta_s ?? 0) - (now.value - worker.heard) / 1000)));
  return <>{words.value}</>;
}

function Ago({ updated }: { updated: string }): JSX.Element {
  const words = useComputed(() => {
    const seconds = Math.floor((now.value - Date.parse(updated)) / 1000);
    if (seconds < JUST_NOW_S) return say("workers.now");
    return say("workers.ago", { t: duration(seconds) });
  });
  return <>{words.value}</>;
}
