// In which order jobs are shown. Pure.
import type { JobSummary } from "../api/types";

/** Puts the job that was made last first. */
export function newestFirst(a: JobSummary, b: JobSummary): number {
  return b.number - a.number;
}

/** Puts the parts of a job in the order that the job has for them, else in which they were made. */
export function partsInOrder(a: JobSummary, b: JobSummary): number {
  return (a.index ?? a.number) - (b.index ?? b.number) || a.number - b.number;
}

/** The same, but those that failed before all others. */
export function failedFirst(a: JobSummary, b: JobSummary): number {
  return Number(b.state === "failed") - Number(a.state === "failed") || partsInOrder(a, b);
}

/** Puts `added`, which come in any order, into `ordered`, which has none of them. */
export function merged<T>(ordered: readonly T[], added: readonly T[], by: (a: T, b: T) => number): readonly T[] {
  if (added.length === 0) return ordered;
  const more = [...added].sort(by);
  const result: T[] = [];
  let next = 0;
  for (const each of ordered) {
    while (next < more.length && by(more[next] as T, each) < 0) result.push(more[next++] as T);
    result.push(each);
  }
  return result.concat(more.slice(next));
}
