// What a job is called. Pure.
import type { JobSummary } from "../../api/types";
import { clean } from "../../text/format";

/** Gives a job's name for people; its number when it has none. */
export function nameOf(job: Pick<JobSummary, "name" | "number">): string {
  return job.name.trim() === "" ? `#${job.number}` : clean(job.name);
}
