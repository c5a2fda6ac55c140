// What can be done with groups. Each is told of, and undone where it can be.
import { get, post, remove } from "../../api/client";
import type { JobSummary } from "../../api/types";
import { tell } from "../../parts/Toast";
import { clean } from "../../text/format";
import { say } from "../../text/groups";
import type { Group } from "./documents";

const PAGE = 1000;
const LIVE = ["accepted", "queued", "running"];

/** What is in a group and can be taken out of it. */
export interface Inside {
  kind: "group" | "job";
  id: string;
  name: string;
}

/** Tells whether somebody with these scopes may change their groups; while they are not known, the server says so. */
export function mayChange(scopes: readonly string[] | undefined): boolean {
  return scopes === undefined || scopes.some((scope) => scope !== "read");
}

/** Gives a group's address in the native protocol. */
export function placeOf(group: Pick<Group, "id">, rest = ""): string {
  return `groups/${encodeURIComponent(group.id)}${rest}`;
}

/** Puts jobs, by number or id, and groups, by id, name or path, into a group; gives how many are new there. */
export async function add(group: Pick<Group, "id">, jobs: readonly string[], groups: readonly string[]): Promise<number> {
  return (await post<{ added: unknown[] }>(placeOf(group, "/members"), { jobs, groups })).added.length;
}

/** Takes something out of a group. Nothing else happens to it. */
export async function takeOut(group: Pick<Group, "id" | "name">, inside: Inside, done: () => void): Promise<void> {
  const words = { name: inside.name, group: clean(group.name) };
  const back = async (): Promise<void> => {
    await trying(async () => {
      await add(group, inside.kind === "job" ? [inside.id] : [], inside.kind === "group" ? [inside.id] : []);
      tell(say("put_back", words));
    });
    done();
  };
  await trying(async () => {
    await remove(placeOf(group, `/members/${encodeURIComponent(inside.id)}?kind=${inside.kind}`));
    tell(say(inside.kind === "job" ? "taken_out_job" : "taken_out_group", words), { undo: back });
  });
  done();
}

/** Reads the ids of all jobs below a group that have not ended. */
export async function liveJobs(group: Pick<Group, "id">): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: { jobs: JobSummary[]; next: string | null } = await get("jobs", {
      group: group.id,
      state: LIVE,
      hidden: true,
      limit: PAGE,
      cursor,
    });
    ids.push(...page.jobs.map((job) => job.id));
    cursor = page.next;
  } while (cursor !== null);
  return ids;
}

/** Does something, and tells of what it is refused for. */
export async function trying(what: () => Promise<void>): Promise<void> {
  try {
    await what();
  } catch (error) {
    tell(wordsOf(error), { problem: true });
  }
}

/** Gives what to tell of an error. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
