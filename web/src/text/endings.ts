// How and why a job is as it is, in sentences. Pure.
import type { JobSummary } from "../api/types";

const SIGNALS =
  ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU " +
    "XFSZ VTALRM PROF WINCH IO PWR SYS").split(" ");

/** Gives a signal in words: `signal 9 (SIGKILL)`. */
export function signalWords(number: number): string {
  const name = SIGNALS[number - 1];
  return name === undefined ? `signal ${number}` : `signal ${number} (SIG${name})`;
}

const REASONS: Readonly<Record<string, string>> = {
  sending: "being handed over to its cluster",
  executor_down: "its cluster does not answer",
  executor_slow: "its cluster is slow to answer",
  held: "held on the cluster",
  dependency: "waiting for another job",
  limit: "a limit keeps it waiting",
  cannot_start: "it cannot start as it is",
  staging_in: "its files are being brought into its sandbox",
  suspended: "suspended",
  completing: "finishing up",
  staging_out: "its results are being fetched from its sandbox",
  unreachable: "its cluster cannot be asked at present",
  nonzero_exit: "it ended with an exit code other than 0",
  signal: "killed by a signal",
  timeout: "it ran into its wall-time limit",
  out_of_memory: "it ran out of memory",
  node_fail: "its node failed",
  preempted: "it had to make room for another job",
  not_started: "it could not be started",
  staging_failed: "not all its files could be copied",
  exception: "an exception ended it",
  worker_not_ok: "a worker reported a problem",
  lost: "it was lost: how it ended is not known",
  by_user: "by its user",
  by_admin: "by an administrator",
  superseded: "another job took its name",
  expired: "nothing was heard of it for too long",
};

/** Gives the words for a reason. */
export function reasonWords(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll("_", " ");
}

/** Gives how a process ended: exit code or signal, in words; null when it has not, or nobody knows. */
export function exitWords(how: { exit_code: number | null; signal: number | null }): string | null {
  if (how.signal !== null) return signalWords(how.signal);
  return how.exit_code === null ? null : `exit code ${how.exit_code}`;
}

type Why = Pick<JobSummary, "state" | "reason" | "exit_code" | "signal" | "cancel" | "error">;

/** Says why a job waits or ended so; empty when its state says it all. */
export function whyWords(job: Why): string {
  if (job.state === "cancelled") return cancelled(job);
  if (job.state === "failed") return failed(job);
  const waiting = job.reason === null ? [] : [reasonWords(job.reason)];
  if (job.cancel !== null && job.state !== "succeeded") waiting.push(`${job.cancel.by || "somebody"} asked for its end`);
  return waiting.join("; ");
}

const SAYS_WHAT: ReadonlySet<string | null> = new Set(["not_started", "staging_failed", "exception"]);
const MOST_SHOWN = 300;

/** Says in one line why a job waits or ended so, and where that is not all, what stood in its way. */
export function whyLine(job: Why): string {
  const what = job.state === "failed" && SAYS_WHAT.has(job.reason) ? (job.error?.message ?? "") : "";
  const short = what.length > MOST_SHOWN ? `${what.slice(0, MOST_SHOWN)}…` : what;
  return [whyWords(job), short].filter((part) => part !== "").join(": ");
}

function cancelled(job: Why): string {
  if (job.reason === "superseded") return reasonWords("superseded");
  return job.cancel?.by ? `by ${job.cancel.by}` : reasonWords(job.reason ?? "by_user");
}

const OBVIOUS: ReadonlySet<string | null> = new Set([null, "nonzero_exit", "signal"]);

function failed(job: Why): string {
  const exit = exitWords(job);
  // It ran well: the exit code alone would say the opposite of what is meant.
  if (job.reason === "staging_failed" && exit !== null) return `${exit}, but not all its results could be fetched`;
  const reason = OBVIOUS.has(job.reason) && exit !== null ? null : reasonWords(job.reason ?? "lost");
  return [reason, exit].filter((part) => part !== null).join(": ");
}
