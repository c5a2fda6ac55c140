// What the colour of a job's bar says; words beside it say it too.
import type { JobSummary } from "../api/types";
import type { Tone } from "./Bar";

/** Gives the colour of a job's bar, the same in the list and on its own page. */
export function toneOf(job: Pick<JobSummary, "state" | "workers">): Tone {
  if (job.state === "failed" || job.workers.not_ok > 0) return "problem";
  return job.state === "cancelled" ? "stalled" : "ok";
}
