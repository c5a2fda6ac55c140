// A job's state: a picture, a word and a colour; never the colour alone.
import type { JSX } from "preact";

import type { JobSummary } from "../api/types";
import { say } from "../text/strings";
import { Icon } from "./Icon";

/** Shows a job's state, with what became of it where that says more. */
export function StateWord({ job }: { job: Pick<JobSummary, "state" | "reason" | "exit_code" | "signal"> }): JSX.Element {
  const more = remark(job);
  return (
    <span class={`state state-${job.state}`} title={SENTENCES[job.reason ?? ""] ?? more}>
      <Icon name={isStuck(job) ? "problem" : job.state} class={isStuck(job) ? "is-stuck" : ""} />
      <span class="state-word">{say(`state.${job.state}`)}</span>
      {more !== "" && <span class={isStuck(job) ? "state-more is-stuck" : "state-more"}>{more}</span>}
    </span>
  );
}

/** Tells whether no waiting helps a job that waits. */
export function isStuck(job: Pick<JobSummary, "state" | "reason">): boolean {
  return job.state === "queued" && job.reason === "cannot_start";
}

/** Why in a sentence, where a word has to do beside the state. */
const SENTENCES: Readonly<Record<string, string>> = {
  staging_in: say("list.staging_in"),
  staging_out: say("list.staging_out"),
  staging_failed: say("list.staging_failed"),
  executor_down: say("list.executor_down"),
  executor_slow: say("list.executor_slow"),
  unreachable: say("list.unreachable"),
  held: say("list.held"),
  cannot_start: say("list.cannot_start"),
};
/** Where the reason's own words are too long for their place. */
const SHORT: Readonly<Record<string, string>> = {
  executor_down: say("state.executor_down"),
  executor_slow: say("state.executor_slow"),
};
const FILES: ReadonlySet<string> = new Set(["staging_in", "staging_out", "staging_failed"]);

const BY_ITSELF: ReadonlySet<string> = new Set(["nonzero_exit", "signal"]);

/** Says in a few words why a job is as it is; empty when its state says it all. */
export function remark(job: Pick<JobSummary, "state" | "reason" | "exit_code" | "signal">): string {
  if (job.state === "cancelled" && job.reason === "by_user") return "";
  // How its process ended is told where that is all there is: "signal 9" would hide that it was for want of memory.
  if (job.reason === null || BY_ITSELF.has(job.reason)) {
    if (job.exit_code !== null && job.exit_code !== 0) return `exit ${job.exit_code}`;
    if (job.signal !== null) return `signal ${job.signal}`;
  }
  if (job.reason === null || job.reason === "by_user") return "";
  return FILES.has(job.reason) ? say("state.files") : (SHORT[job.reason] ?? job.reason.replaceAll("_", " "));
}
