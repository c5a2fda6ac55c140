// Which jobs have to be explained, and when that has to be asked for again. Pure.
import { FINAL, type JobSummary, type Why } from "../../api/types";

/** How often a job that waits is asked about: schedulers are not asked for it, so it costs little. */
export const AGAIN_MS = 15_000;
/** A job that waits for less has not begun to wait: most begin at once. */
const PATIENCE_MS = 1500;

const STANDS_STILL: ReadonlySet<string | null> = new Set(["unreachable", "suspended"]);

type Standing = Pick<JobSummary, "state" | "reason" | "kind" | "attempt" | "native_id" | "cancel" | "created" | "queued">;

/** Tells whether somebody who looks at the job would ask why. */
export function isPuzzling(job: Standing): boolean {
  if (job.state === "failed") return true;
  if (job.state === "running") return STANDS_STILL.has(job.reason);
  return !FINAL.has(job.state) && job.kind !== "report";
}

/** Tells whether the answer changes by itself. */
export function staysOpen(job: Pick<JobSummary, "state">): boolean {
  return !FINAL.has(job.state);
}

/** Gives what an answer is good for: it is asked for anew when this is another one. */
export function standing(job: Standing): string {
  return [job.state, job.reason, job.attempt, job.native_id, job.cancel?.by].join(" ");
}

/** Tells whether an answer is about the job as it is now. */
export function fits(told: Pick<Why, "state" | "reason" | "attempt">, job: Standing): boolean {
  return told.state === job.state && told.reason === job.reason && told.attempt === job.attempt;
}

/** Gives for how many milliseconds to wait with the first question. */
export function pauseBefore(job: Standing, now: number): number {
  if (job.state !== "accepted" && job.state !== "queued") return 0;
  const since = Date.parse(job.queued ?? job.created);
  // A clock that goes wrong makes nobody wait for longer.
  return Math.min(PATIENCE_MS, Math.max(0, since + PATIENCE_MS - now));
}

const SCHEDULERS: Readonly<Record<string, string>> = { slurm: "Slurm", lsf: "LSF", pbs: "PBS", sge: "Grid Engine" };

/** Kinds of clusters that are no scheduler's: their processes have nothing to say of a job. */
const SAY_NO_MORE: ReadonlySet<string> = new Set(["local", "functions"]);

/** Gives what people call the scheduler that has more to say of the job; null where none has. */
export function schedulerOf(told: Pick<Why, "kind" | "native_id" | "cluster">): string | null {
  if (told.native_id === null || SAY_NO_MORE.has(told.kind) || told.cluster === null) return null;
  return SCHEDULERS[told.kind] ?? told.cluster;
}

export interface Part {
  text: string;
  isCommand: boolean;
}

/** What can be typed, as the server writes it. */
const COMMAND =
  /(?:headway (?:retry|clone|kill|logs|jobs|job|why|doctor|clusters)\b(?: \d+)?(?: [a-z]+:\w+)*(?: --set [\w.]+=\w+)?|(?:scontrol|bresume|qrls|qsig|qmod|scancel|bkill|qdel) [^;()]+)/g;

/** Splits an advice into words and commands. */
export function partsOf(advice: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const found of advice.matchAll(COMMAND)) {
    if (found.index > at) parts.push({ text: advice.slice(at, found.index), isCommand: false });
    parts.push({ text: found[0].trimEnd(), isCommand: true });
    at = found.index + found[0].trimEnd().length;
  }
  if (at < advice.length) parts.push({ text: advice.slice(at), isCommand: false });
  return parts;
}
