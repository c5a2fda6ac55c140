// A tree of groups, as rows from top to bottom. Pure.
import { FINAL, type JobSummary, type State } from "../../api/types";
import type { Group, Tree } from "./documents";

/** One row: a group at one of its places, which is in `parent`. `isAgain`: what is below it is shown at a place above. */
export interface Row {
  key: string;
  group: Group;
  parent: Group;
  depth: number;
  isAgain: boolean;
  hasBelow: boolean;
}

/**
 * Gives the rows of all below a tree's top, without what is below the groups that are folded.
 *
 * A group in several others comes once for each.
 */
export function rowsOf(tree: Tree, folded: ReadonlySet<string>): Row[] {
  const groups = new Map(tree.groups.map((group) => [group.id, group]));
  const below = new Map<string, string[]>();
  for (const place of tree.places) {
    if (place.kind !== "group") continue;
    const known = below.get(place.group);
    if (known) known.push(place.id);
    else below.set(place.group, [place.id]);
  }
  const rows: Row[] = [];
  const shown = new Set<string>();
  const top = tree.groups[0];
  const waiting: { id: string; parent: Group; depth: number; key: string }[] = [];
  const wait = (parent: Group, depth: number, key: string): void => {
    const children = below.get(parent.id) ?? [];
    for (let place = children.length - 1; place >= 0; place -= 1) {
      waiting.push({ id: children[place] as string, parent, depth, key: `${key}.${place}` });
    }
  };
  if (top) wait(top, 0, "0");
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const group = groups.get(next.id);
    if (!group) continue;
    const hasBelow = below.has(group.id);
    const isAgain = shown.has(group.id) && hasBelow;
    rows.push({ key: next.key, group, parent: next.parent, depth: next.depth, isAgain, hasBelow });
    shown.add(group.id);
    if (!isAgain && !folded.has(group.id)) wait(group, next.depth + 1, next.key);
  }
  return rows;
}

/** Gives jobs with those first that somebody may have to do something about: what runs, what waits, what failed. */
export function inOrder(jobs: readonly JobSummary[]): JobSummary[] {
  const rank = (state: State): number => ["running", "queued", "accepted", "failed"].indexOf(state) >>> 0;
  return jobs.toSorted((a, b) => rank(a.state) - rank(b.state) || b.number - a.number);
}

/** Counts a group's jobs: all of them, and those that have not ended. */
export function countsOf(states: Group["states"]): { all: number; live: number } {
  let all = 0;
  let live = 0;
  for (const [state, n] of Object.entries(states)) {
    all += n;
    if (!FINAL.has(state as State)) live += n;
  }
  return { all, live };
}

/** Writes the query that finds the jobs below a group. */
export function queryOf(id: string): string {
  return `group:"${id.replace(/[\\"]/g, (character) => `\\${character}`)}"`;
}

/** Reads what was typed as jobs' numbers and ids: blanks or commas between them, each once. */
export function jobsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).map((each) => each.replace(/^#/, "")))].filter((each) => each !== "");
}

/** Gives an address that may be followed from here: of the web, or of this server. */
export function safeUrl(url: string | null, base: string): string | null {
  if (url === null) return null;
  try {
    const found = new URL(url, base);
    return found.protocol === "http:" || found.protocol === "https:" ? found.href : null;
  } catch {
    return null;
  }
}
