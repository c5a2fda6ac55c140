// What the list says of a job, in words and numbers. Pure.
import { FINAL, type JobSummary, type State } from "../../api/types";
import { clean, count } from "../../text/format";
import { say } from "../../text/strings";

/** In this order a group's parts are drawn and named. */
const STATES: readonly State[] = ["succeeded", "failed", "cancelled", "running", "queued", "accepted"];
const LEAST_SEEN = 0.01;
const LEAST_S = 3;
const UNITS_S: readonly (readonly [unit: string, s: number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
];

/** Gives a job's name as people know it; an array's element is told from the others by its index. */
export function nameOf(job: JobSummary): string {
  const name = clean(job.name).trim() || say("list.unnamed", { number: job.number });
  return job.index === null ? name : `${name} [${job.index}]`;
}

/** Whether a job has parts. */
export function isGroup(job: JobSummary): boolean {
  return Object.keys(job.children).length > 0;
}

export interface Share {
  state: State;
  n: number;
}

/** Gives how many of a job's parts are in each state, none of them empty. */
export function shares(job: JobSummary): readonly Share[] {
  return STATES.map((state) => ({ state, n: job.children[state] ?? 0 })).filter((share) => share.n > 0);
}

/** Says how a job's parts are. */
export function sharesWords(parts: readonly Share[]): string {
  const n = parts.reduce((sum, each) => sum + each.n, 0);
  const states = parts.map((each) => say("list.one_of", { n: count(each.n), state: say(`state.${each.state}`) }));
  return say("list.children", { n: count(n), states: states.join(", ") });
}

/** Says how many of a job's workers have finished; empty for the single one that most jobs have. */
export function workersWords(job: JobSummary): string {
  const { count: known, finished, announced } = job.workers;
  const all = Math.max(known, announced ?? 0);
  return all > 1 ? say("list.done_of", { done: count(finished), all: count(all) }) : "";
}

/** Gives how long a job will still take if it goes on as fast as until now; null when nobody can tell. */
export function etaS(job: JobSummary, nowMs: number): number | null {
  const { progress, started } = job;
  if (job.state !== "running" || started === null || progress === null || progress >= 1 || progress < LEAST_SEEN) return null;
  const elapsedS = (nowMs - Date.parse(started)) / 1000;
  return elapsedS < LEAST_S ? null : (elapsedS * (1 - progress)) / progress;
}

/** Gives how long a job ran, runs, or has been waiting; null when it never ran. */
export function spanS(job: JobSummary, nowMs: number): { seconds: number; kind: "ran" | "runs" | "waits" } | null {
  if (job.started !== null) {
    const end = job.ended === null ? nowMs : Date.parse(job.ended);
    return { seconds: (end - Date.parse(job.started)) / 1000, kind: job.ended === null ? "runs" : "ran" };
  }
  if (FINAL.has(job.state)) return null;
  return { seconds: (nowMs - Date.parse(job.created)) / 1000, kind: "waits" };
}

/** Says how long, in one unit: it is an estimate. */
export function etaWords(seconds: number): string {
  const [unit, s] = UNITS_S.find((each) => seconds >= 1.5 * each[1]) ?? ["s", 1];
  return `${Math.max(1, Math.round(seconds / s))} ${unit}`;
}

const TOLD_IN_WORDS = ["staging_in", "staging_out", "cannot_start"] as const;

/** Gives the last that a job said, or why it failed; while it says nothing, that its files are on their way, or that it is stuck. */
export function messageOf(job: JobSummary): string {
  const reason = TOLD_IN_WORDS.find((each) => each === job.reason);
  const way = reason === undefined ? "" : say(`list.${reason}`);
  return clean(job.error?.message || job.status_text || way).replace(/\s+/g, " ").trim();
}
