// A job's life in spans of time, to be drawn to scale. Pure.
import type { Attempt, JobDocument, JobEvent, State } from "../../api/types";
import { duration } from "../../text/format";

export type Phase = "accepted" | "queued" | "running" | "between";

/** A part of a job's life. Times are in milliseconds; `end` null is still going on. */
export interface Span {
  phase: Phase;
  attempt: number;
  begin: number;
  end: number | null;
  /** How it ended, for the last span of an attempt. */
  outcome: State | null;
}

const ms = (time: string | null | undefined): number | null => (time ? Date.parse(time) : null);

/** Gives the spans of a job, in their order, over all its attempts. */
export function spansOf(job: JobDocument, events: readonly JobEvent[]): Span[] {
  const spans: Span[] = [];
  let from = Date.parse(job.created);
  const earlier = job.attempts.filter((attempt) => attempt.no < job.attempt);
  for (const attempt of earlier) {
    const started = ms(attempt.started);
    const ended = ms(attempt.ended) ?? started ?? from;
    spans.push(...lifeOf(attempt.no, { from, queued: ms(attempt.sent), started, ended, outcome: attempt.state ?? outcomeOf(attempt) }));
    from = requeuedAt(events, attempt.no + 1) ?? ended;
    if (from > ended) spans.push({ phase: "between", attempt: attempt.no, begin: ended, end: from, outcome: null });
  }
  const ended = ms(job.ended);
  const outcome = ended === null ? null : job.state;
  spans.push(...lifeOf(job.attempt, { from, queued: ms(job.queued), started: ms(job.started), ended, outcome }));
  return spans;
}

interface Life {
  from: number;
  queued: number | null;
  started: number | null;
  ended: number | null;
  outcome: State | null;
}

function lifeOf(attempt: number, { from, queued, started, ended, outcome }: Life): Span[] {
  const steps: [Phase, number | null][] = [
    ["accepted", from],
    ["queued", queued],
    ["running", started],
  ];
  const known = steps.filter((step): step is [Phase, number] => step[1] !== null);
  return known
    .map(([phase, at], i): Span => {
      const next = known[i + 1]?.[1] ?? ended;
      const begin = Math.max(at, from);
      const isLast = i === known.length - 1;
      return { phase, attempt, begin, end: next === null ? null : Math.max(begin, next), outcome: isLast ? outcome : null };
    })
    .filter((span, i, all) => span.end === null || span.end > span.begin || i === all.length - 1);
}

function outcomeOf(attempt: Attempt): State | null {
  if (attempt.ended === null) return null;
  return attempt.exit_code === 0 ? "succeeded" : "failed";
}

function requeuedAt(events: readonly JobEvent[], attempt: number): number | null {
  const found = events.find((event) => event.type === "job.requeued" && event.data["attempt"] === attempt);
  return found === undefined ? null : Date.parse(found.time);
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
const STEPS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, ...STEPS_S.map((s) => s * 1000)];

/** A mark on a scale of time, in milliseconds from its beginning, and its words. */
export interface Mark {
  ms: number;
  words: string;
}

const SHORT_MS = 10_000;
/** So much of the way between two marks is left free before the end's own. */
const FREE = 0.9;

/** Gives marks on a scale: its beginning, even ones, not many more than `most`, and its end. */
export function marks(wholeMs: number, most: number): Mark[] {
  let step = STEPS_MS.find((each) => wholeMs / each <= most) ?? 86_400_000;
  while (wholeMs / step > most) step *= 2;
  const farthest = wholeMs * (1 - FREE / most);
  const even = Array.from({ length: Math.floor(wholeMs / step) }, (_, i) => (i + 1) * step).filter((ms) => ms <= farthest);
  return [0, ...even, wholeMs].map((ms) => ({ ms, words: onScale(ms, wholeMs) }));
}

/** Words of one unit for all of a scale. */
function onScale(ms: number, wholeMs: number): string {
  if (wholeMs < 1000) return `${Math.round(ms)} ms`;
  return wholeMs < SHORT_MS && ms > 0 ? `${(ms / 1000).toFixed(1)} s` : duration(ms / 1000);
}
