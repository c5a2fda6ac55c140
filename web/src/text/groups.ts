// What is said of groups. Pure.
import { catalogue } from "./catalogue";

export const say = catalogue({
  title: "Groups",
  none: "You have no groups yet.",
  how: "Make one with {command}, and put jobs into it with {option} as you submit them.",
  absent: "There is no such group.",
  jobs: "Jobs of {name}",
  no_jobs: "no jobs",
  one_job: "1 job",
  many_jobs: "{n} jobs",
  again: "shown above",
  more: "There is more than can be shown at once.",
  url: "More of it",
  fold: "Fold {name}",
  unfold: "Unfold {name}",
  up: "All groups",
});

/** Says how many jobs there are. */
export function jobsWords(n: number): string {
  if (n === 0) return say("no_jobs");
  return n === 1 ? say("one_job") : say("many_jobs", { n });
}
