// What a job and what was asked for it are called. Pure.
import type { JobSummary } from "../../api/types";
import { clean } from "../../text/format";

/** Gives a job's name for people, its number when it has none; an array's element is told from the others by its index. */
export function nameOf(job: Pick<JobSummary, "name" | "number" | "index">): string {
  const name = job.name.trim() === "" ? `#${job.number}` : clean(job.name);
  return job.index === null ? name : `${name} [${job.index}]`;
}

/** Gives a key as words: `cpu_cores_per_process` is "CPU cores per process". */
export function keyWords(key: string): string {
  const words = key.replaceAll("_", " ").replace(/\b[cg]pu\b/g, (unit) => unit.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}
