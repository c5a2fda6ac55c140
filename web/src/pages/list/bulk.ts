// One action on many jobs: in one request where the server knows how, else job by job.
import { patch, post, Refused } from "../../api/client";
import { FINAL, type JobSummary } from "../../api/types";
import { feed } from "./view";

export type Action = "cancel" | "retry" | "hide" | "unhide" | "label";

const ACTIONS = ["cancel", "retry", "label", "hide"] as const;
export type Offered = (typeof ACTIONS)[number];

/** Gives the actions that somebody's scopes allow; all while these are not known, since the server refuses what is not allowed. */
export function allowed(scopes: readonly string[] | undefined): readonly Offered[] {
  if (scopes === undefined || scopes.includes("run") || scopes.includes("admin")) return ACTIONS;
  // Whoever may report may end what only reports; the dialog tells which these are.
  return scopes.includes("report") ? ["cancel"] : [];
}

/** Which jobs are meant: these, or all that a search finds. */
export type Meant = { ids: readonly string[] } | { q: string };

export interface Request {
  action: Action;
  add?: readonly string[];
  remove?: readonly string[];
  dry_run?: boolean;
}

export interface Outcome {
  matched: number;
  /** The jobs that were changed, or would be. */
  ids: readonly string[];
  failed: readonly { id: string; detail: string }[];
}

interface Answer extends Outcome {
  done: number;
}

const AT_ONCE = 1000;
const SIDE_BY_SIDE = 6;
const ABSENT: readonly number[] = [404, 405];
const NONE: Outcome = { matched: 0, ids: [], failed: [] };

/** Does something to many jobs, each on its own; with `dry_run` only tells what would be done. */
export async function act(meant: Meant, request: Request): Promise<Outcome> {
  if ("q" in meant) return post<Answer>("bulk", { ...request, q: meant.q });
  let outcome = NONE;
  for (let start = 0; start < meant.ids.length; start += AT_ONCE) {
    outcome = joined(outcome, await some(meant.ids.slice(start, start + AT_ONCE), request));
  }
  return outcome;
}

async function some(ids: readonly string[], request: Request): Promise<Outcome> {
  try {
    return await post<Answer>("bulk", { ...request, ids });
  } catch (error) {
    if (!(error instanceof Refused) || !ABSENT.includes(error.status)) throw error;
    return oneByOne(ids, request);
  }
}

async function oneByOne(ids: readonly string[], request: Request): Promise<Outcome> {
  const fit = ids.filter((id) => canBe(request.action, feed.list.row(id)?.peek()));
  if (request.dry_run) return { matched: ids.length, ids: fit, failed: [] };
  const done: string[] = [];
  const failed: { id: string; detail: string }[] = [];
  const left = [...fit];
  const work = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      try {
        await one(id, request);
        done.push(id);
      } catch (error) {
        failed.push({ id, detail: error instanceof Error ? error.message : String(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return { matched: ids.length, ids: done, failed };
}

function one(id: string, { action, add = [], remove = [] }: Request): Promise<unknown> {
  return action === "label" ? patch(`jobs/${id}/labels`, { add, remove }) : post(`jobs/${id}/${action}`);
}

/** Whether an action can be meant for a job, as far as can be told from here. */
export function canBe(action: Action, job: JobSummary | undefined): boolean {
  if (job === undefined) return true;
  if (action === "cancel") return !FINAL.has(job.state) && job.kind !== "adopted";
  if (action === "retry") return FINAL.has(job.state) && job.kind !== "report" && job.kind !== "adopted";
  return true;
}

function joined(a: Outcome, b: Outcome): Outcome {
  return { matched: a.matched + b.matched, ids: [...a.ids, ...b.ids], failed: [...a.failed, ...b.failed] };
}

/** Splits what was typed into labels: commas between them, each once. */
export function labelsOf(text: string): readonly string[] {
  return [...new Set(text.split(",").map((each) => each.trim()))].filter((each) => each !== "");
}
