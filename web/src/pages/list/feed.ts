// Where the list's jobs come from: the first page at once, older ones behind it, then what changes, live.
import { effect, signal, untracked } from "@preact/signals";

import { get, Refused } from "../../api/client";
import type { Change, JobSummary, Problem } from "../../api/types";
import { JobList, MOST_JOBS } from "../../state/jobs";
import { follow } from "../../state/live";
import { recognise } from "../../state/session";

const FIRST = 60;
const PAGE = 1000;
const SETTLED_MS = 200;
const RESET_MS = 1000;
const PARTS_AGAIN_MS = 1000;
const AWAY_MS = 3000;
const UNAUTHORIZED = 401;
const BAD_REQUEST = 400;
/** Queries that find parts of jobs by themselves; others find only jobs that are no part. */
const FINDS_PARTS = /(^|[\s(])(parent|id|number|native_id):/i;
const FINDS_HIDDEN = /(^|[\s(+-])hidden:/i;

interface JobsPage {
  jobs: JobSummary[];
  next: string | null;
  seq?: number;
}

export type Phase =
  | { kind: "loading" }
  | { kind: "ready" }
  /** The server did not understand the search; what was shown before stays. */
  | { kind: "refused"; problem: Partial<Problem> }
  | { kind: "failed"; why: string };

/** Fills a list with what a search finds, and keeps it as it is. */
export class Feed {
  readonly list = new JobList();
  readonly phase = signal<Phase>({ kind: "loading" });
  /** The search whose jobs are in the list. */
  readonly shown = signal<string | null>(null);

  #q = "";
  #asked = new AbortController();
  #next: string | null = null;
  #isLoading = false;
  #unfollow: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reading = new Set<string>();
  /** Those of which a part came up while their parts were being read: the answer may be from before. */
  #outdated = new Set<string>();
  #partsTimers = new Map<string, ReturnType<typeof setTimeout>>();

  /** Reads anew, for this search, and follows it from then on. */
  async ask(q: string): Promise<void> {
    const mine = this.#begin(q);
    try {
      const page = await get<JobsPage>("jobs", { q, limit: FIRST }, mine.signal);
      this.list.begin(page.jobs, {
        complete: page.next === null,
        takesParts: FINDS_PARTS.test(q),
        takesHidden: FINDS_HIDDEN.test(q),
      });
      this.#next = page.next;
      const isFirst = this.shown.peek() === null;
      this.shown.value = q;
      this.phase.value = { kind: "ready" };
      const after = page.seq ?? Math.max(0, ...page.jobs.map((job) => job.seq));
      this.#timer = setTimeout(() => this.#follow(q, after), isFirst ? 0 : SETTLED_MS);
      for (const id of this.list.opened.peek().keys()) void this.open(id);
    } catch (error) {
      if (!mine.signal.aborted) this.#failed(error);
    }
  }

  /** Loads the next page of older jobs, if there is one and it is not under way. */
  async more(): Promise<void> {
    if (this.#next === null || this.#isLoading || this.isFull) return;
    const mine = this.#asked;
    this.#isLoading = true;
    try {
      const page = await get<JobsPage>("jobs", { q: this.#q, limit: PAGE, cursor: this.#next }, mine.signal);
      if (mine.signal.aborted) return;
      this.#next = page.next;
      this.list.append(page.jobs, page.next === null);
    } catch (error) {
      if (!mine.signal.aborted && error instanceof Refused) this.#failed(error);
    } finally {
      if (mine === this.#asked) this.#isLoading = false;
    }
  }

  /** Whether as many jobs are in the list as it may have. */
  get isFull(): boolean {
    return this.list.top.peek().length >= MOST_JOBS;
  }

  /** Shows the parts of a job. */
  async open(id: string): Promise<void> {
    if (this.#reading.has(id)) return;
    this.#reading.add(id);
    try {
      do {
        this.#outdated.delete(id);
        await this.#readParts(id);
      } while (this.#outdated.has(id));
    } catch (error) {
      // The row stays as it was and can be opened again.
      if (error instanceof Refused && error.status === UNAUTHORIZED) void recognise();
    } finally {
      this.#reading.delete(id);
      this.#outdated.delete(id);
    }
  }

  async #readParts(id: string): Promise<void> {
    let cursor: string | null = null;
    do {
      const page: JobsPage = await get<JobsPage>("jobs", { parent: id, limit: PAGE, cursor });
      if (this.list.row(id) === undefined) return;
      this.list.open(id, page.jobs);
      cursor = page.next;
    } while (cursor !== null && (this.list.opened.peek().get(id)?.length ?? 0) < MOST_JOBS);
  }

  /** Stops asking and following; what is in the list stays. */
  close(): void {
    this.#asked.abort();
    clearTimeout(this.#timer);
    for (const timer of this.#partsTimers.values()) clearTimeout(timer);
    this.#partsTimers.clear();
    this.#unfollow?.();
    this.#unfollow = null;
  }

  #begin(q: string): AbortController {
    this.#asked.abort();
    clearTimeout(this.#timer);
    this.#asked = new AbortController();
    this.#isLoading = false;
    this.#next = null;
    this.#q = q;
    if (this.shown.peek() === null) this.phase.value = { kind: "loading" };
    return this.#asked;
  }

  #follow(q: string, after: number): void {
    this.#unfollow = follow({ q }, after, (changes) => this.#hear(q, changes));
  }

  #hear(q: string, changes: readonly Change[]): void {
    if (q !== this.#q) return; // of the search before: the next connection tells what this one would have
    if (changes.some((change) => change.type === "reset")) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.ask(q), Math.random() * RESET_MS);
      return;
    }
    this.#noteNewParts(changes);
    this.list.apply(changes);
    if (q !== "") this.#partsAgain(changes);
  }

  #noteNewParts(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.type !== "job" || change.job.parent === null || !this.#reading.has(change.job.parent)) continue;
      if (this.list.row(change.job.id) === undefined) this.#outdated.add(change.job.parent);
    }
  }

  /** A search does not tell of parts that it does not find: those of open jobs are read again when their job changes. */
  #partsAgain(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.type !== "job" || this.#partsTimers.has(change.job.id)) continue;
      const id = change.job.id;
      if (!this.list.opened.peek().has(id)) continue;
      const again = (): void => {
        this.#partsTimers.delete(id);
        if (this.list.opened.peek().has(id)) void this.open(id);
      };
      this.#partsTimers.set(id, setTimeout(again, PARTS_AGAIN_MS));
    }
  }

  #failed(error: unknown): void {
    if (error instanceof Refused && error.status === UNAUTHORIZED) void recognise();
    if (error instanceof Refused && error.status === BAD_REQUEST) this.phase.value = { kind: "refused", problem: error.problem };
    else this.phase.value = { kind: "failed", why: error instanceof Error ? error.message : String(error) };
    if (!(error instanceof Refused)) this.#timer = setTimeout(() => void this.ask(this.#q), AWAY_MS);
  }
}

/** Loads everything in the background, page by page, whenever the browser has nothing else to do; gives an end to it. */
export function loadAll(feed: Feed): () => void {
  let ended = false;
  const stop = effect(() => {
    if (feed.list.complete.value || feed.phase.value.kind !== "ready") return;
    void feed.list.top.value;
    whenIdle(() => {
      if (!ended) untracked(() => void feed.more());
    });
  });
  return () => {
    ended = true;
    stop();
  };
}

function whenIdle(act: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(act, { timeout: 500 });
  else setTimeout(act, 50);
}
