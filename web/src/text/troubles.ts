// What is said of clusters that are in trouble. Pure.
import { catalogue } from "./catalogue";
import { clock, count } from "./format";

export const say = catalogue({
  down: "The cluster {name} has not answered since {time}.",
  slow: "The cluster {name} has been too slow to answer since {time}.",
  other: "The cluster {name} has been in trouble since {time}.",
  waits: "1 job waits, and is handed over when it is back.",
  wait: "{n} jobs wait, and are handed over when it is back.",
  there: "News of 1 job there comes when it is back.",
  there_many: "News of {n} jobs there comes when it is back.",
  there_then: "News of 1 more comes then.",
  there_then_many: "News of {n} more comes then.",
  this_one: "What is said of this job is from before.",
  dismiss: "Dismiss: {headline}",
});

export type Ailment = "down" | "slow" | "other";

/** A cluster as far as its trouble goes; `accepted` jobs wait for it, the others are there. */
export interface Troubled {
  name: string;
  detail: string;
  accepted: number;
  queued: number;
  running: number;
  trouble: { what: Ailment; since: string; concerns_you: boolean } | null;
}

/** Says which cluster has what kind of trouble, and since when. */
export function headline(cluster: Troubled, now: Date): string {
  const { what, since } = cluster.trouble ?? { what: "other" as const, since: now.toISOString() };
  return say(what, { name: cluster.name, time: clock(since, now).replace(/:\d\d$/, "") });
}

/** Says what becomes of the jobs. */
export function consequence({ accepted, queued, running }: Troubled): string {
  const there = queued + running;
  const words: string[] = [];
  if (accepted > 0) words.push(say(accepted === 1 ? "waits" : "wait", { n: count(accepted) }));
  const news = accepted > 0 ? "there_then" : "there";
  if (there > 0) words.push(say(there === 1 ? news : `${news}_many`, { n: count(there) }));
  return words.join(" ");
}
