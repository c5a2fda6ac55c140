// What is shown of a group, kept true by the live connection.
import { signal } from "@preact/signals";

import { get, Refused } from "../../api/client";
import type { Change, JobSummary } from "../../api/types";
import { follow } from "../../state/live";
import type { Group, GroupsPage, MembersPage, Tree } from "./documents";

const MOST = 5000;
const JOBS_AT_ONCE = 200;
/** So long after a change nothing is asked: more of them come together. */
const GATHER_MS = 700;

/** A group, what is in it and what it is in. */
export class Reading {
  readonly tree = signal<Tree | null>(null);
  /** The jobs that are directly in it, and whether these are all. */
  readonly jobs = signal<readonly JobSummary[]>([]);
  readonly areAll = signal(true);
  readonly parents = signal<readonly Group[]>([]);
  /** Other roots, which stand for users of a program of one's own; known at one's own root only. */
  readonly users = signal<readonly Group[]>([]);
  readonly absent = signal(false);
  readonly refused = signal<string | null>(null);

  readonly #id: string;
  readonly #isOwnRoot: boolean;
  readonly #stop = new AbortController();
  #stopFollowing: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wanted = JOBS_AT_ONCE;

  /** `isOwnRoot`: the group is asked for as one's own root, by one's name. */
  constructor(id: string, isOwnRoot: boolean) {
    this.#id = id;
    this.#isOwnRoot = isOwnRoot;
    void this.#read();
  }

  close(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#stopFollowing?.();
  }

  /** Reads anew, now. */
  readonly again = (): void => {
    clearTimeout(this.#timer);
    void this.#read();
  };

  /** Reads more jobs. */
  more(): void {
    this.#wanted += JOBS_AT_ONCE;
    this.again();
  }

  async #read(): Promise<void> {
    this.#timer = undefined;
    const signal = this.#stop.signal;
    const here = `groups/${encodeURIComponent(this.#id)}`;
    try {
      const tree = await get<Tree>(`${here}/tree`, { limit: MOST, groups_only: true }, signal);
      const [jobs, parents, roots] = await Promise.all([
        this.#readJobs(here),
        this.#isOwnRoot ? null : get<GroupsPage>("groups", { group: tree.groups[0]?.id ?? this.#id }, signal),
        this.#isOwnRoot ? get<GroupsPage>("groups", { roots: true, limit: 200 }, signal) : null,
      ]);
      if (signal.aborted) return;
      this.tree.value = tree;
      this.jobs.value = jobs;
      this.parents.value = parents?.groups ?? [];
      this.users.value = roots?.groups.filter((root) => root.id !== tree.groups[0]?.id) ?? [];
      this.absent.value = false;
      this.refused.value = null;
      this.#stopFollowing ??= follow({ group: tree.groups[0]?.id ?? this.#id }, null, this.#hear);
    } catch (error) {
      if (signal.aborted) return;
      this.absent.value = error instanceof Refused && error.status === 404;
      this.refused.value = this.absent.peek() ? null : error instanceof Error ? error.message : String(error);
      if (this.absent.peek()) this.tree.value = null;
    }
  }

  async #readJobs(here: string): Promise<JobSummary[]> {
    const jobs: JobSummary[] = [];
    let cursor: string | null = null;
    do {
      const limit = Math.min(this.#wanted - jobs.length, JOBS_AT_ONCE);
      const page: MembersPage = await get<MembersPage>(`${here}/members`, { kind: "job", limit, cursor }, this.#stop.signal);
      jobs.push(...page.members.flatMap(({ job }) => job ?? []));
      cursor = page.next;
    } while (cursor !== null && jobs.length < this.#wanted);
    this.areAll.value = cursor === null;
    return jobs;
  }

  /** Progress alone is shown at once, and nothing is asked. */
  readonly #hear = (changes: readonly Change[]): void => {
    const known = new Map(this.jobs.peek().map((job) => [job.id, job]));
    let isEnough = true;
    for (const change of changes) {
      const before = change.type === "job" ? known.get(change.job.id) : undefined;
      if (change.type === "job" && before?.state === change.job.state) known.set(change.job.id, change.job);
      else if (change.type !== "worker" && change.type !== "counters") isEnough = false;
    }
    this.jobs.value = [...known.values()];
    if (!isEnough) this.#timer ??= setTimeout(this.again, GATHER_MS);
  };
}
