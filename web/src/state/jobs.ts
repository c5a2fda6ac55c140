// The jobs of the list: a signal each, so that a change of one job redraws one row. Knows nothing of the network.
import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";

import type { Change, JobSummary } from "../api/types";
import { merged, newestFirst, partsInOrder } from "./order";

/** So many jobs at the top of the list are kept; older ones are found by searching. */
export const MOST_JOBS = 10_000;

/** A list of jobs, newest first, in which jobs with parts can be opened. */
export class JobList {
  /** The jobs at the top, newest first. */
  readonly top: ReadonlySignal<readonly string[]>;
  /** The parts of the jobs that are open, by the job. */
  readonly opened: ReadonlySignal<ReadonlyMap<string, readonly string[]>>;
  /** Whether nothing older is left to be loaded. */
  readonly complete = signal(false);
  /** What is shown, from above to below: jobs, and below those that are open their parts. */
  readonly shown: ReadonlySignal<readonly string[]>;

  readonly #rows = new Map<string, Signal<JobSummary>>();
  readonly #top = signal<readonly string[]>([]);
  readonly #opened = signal<ReadonlyMap<string, readonly string[]>>(new Map());
  /** Jobs with smaller numbers have not been loaded. */
  #floor = 0;
  #takesParts = false;
  #takesHidden = false;

  constructor() {
    this.top = this.#top;
    this.opened = this.#opened;
    this.shown = computed(() => flattened(this.#top.value, this.#opened.value));
  }

  /** Gives a job; undefined when it is not in the list. */
  row(id: string): ReadonlySignal<JobSummary> | undefined {
    return this.#rows.get(id);
  }

  /** Gives how many open jobs a job is shown below. */
  depth(id: string): number {
    let depth = 0;
    let parent = this.#rows.get(id)?.peek().parent ?? null;
    while (parent !== null && this.#opened.peek().get(parent)?.includes(id)) {
      depth += 1;
      id = parent;
      parent = this.#rows.get(id)?.peek().parent ?? null;
    }
    return depth;
  }

  /** Begins anew with the first page of what a search finds. What is open stays open where it is still there. */
  begin(jobs: readonly JobSummary[], how: { complete: boolean; takesParts: boolean; takesHidden: boolean }): void {
    batch(() => {
      this.#takesParts = how.takesParts;
      this.#takesHidden = how.takesHidden;
      for (const job of jobs) this.#put(job, true);
      this.#top.value = jobs.map((job) => job.id);
      this.#loadedTo(jobs, how.complete);
      this.#forget();
    });
  }

  /** Takes another page of older jobs. */
  append(jobs: readonly JobSummary[], complete: boolean): void {
    batch(() => {
      const known = new Set(this.#top.peek());
      const added = jobs.filter((job) => !known.has(job.id));
      for (const job of added) this.#put(job, true);
      this.#top.value = merged(this.#top.peek(), added.map((job) => job.id), this.#by(newestFirst));
      this.#loadedTo(jobs, complete);
      this.#trim();
    });
  }

  /** Takes what the live stream tells. */
  apply(changes: readonly Change[]): void {
    batch(() => {
      const added: JobSummary[] = [];
      const gone = new Set<string>();
      for (const change of changes) {
        if (change.type === "gone") gone.add(change.id);
        if (change.type !== "job") continue;
        if (this.#isLeftOut(change.job)) gone.add(change.job.id);
        else {
          gone.delete(change.job.id);
          if (!this.#put(change.job, false)) added.push(change.job);
        }
      }
      this.#remove(gone);
      this.#insert(added);
      this.#trim();
    });
  }

  /** Shows the parts of a job, as they are loaded. */
  open(id: string, parts: readonly JobSummary[]): void {
    batch(() => {
      for (const job of parts) this.#put(job, true);
      const ids = parts.filter((job) => this.#takesHidden || job.hidden === null).map((job) => job.id);
      const known = this.#opened.peek().get(id) ?? [];
      const all = merged(known, ids.filter((each) => !known.includes(each)), this.#by(partsInOrder));
      this.#opened.value = new Map(this.#opened.peek()).set(id, all);
    });
  }

  /** Hides the parts of a job again. */
  shut(id: string): void {
    const opened = new Map(this.#opened.peek());
    for (const part of opened.get(id) ?? []) if (opened.has(part)) opened.delete(part);
    opened.delete(id);
    batch(() => {
      this.#opened.value = opened;
      this.#forget();
    });
  }

  /**
   * Takes a job's document, unless a newer one is known; tells whether the job was known.
   *
   * Of one that was not, only what is known to be in the list, or belongs where it would have been loaded, is kept.
   */
  #put(job: JobSummary, isHere: boolean): boolean {
    const row = this.#rows.get(job.id);
    if (row === undefined) {
      if (isHere || this.#belongs(job)) this.#rows.set(job.id, signal(job));
      return false;
    }
    if (job.seq >= row.peek().seq) row.value = job;
    return true;
  }

  /** Whether a job that nobody has loaded belongs where it would be loaded. */
  #belongs(job: JobSummary): boolean {
    if (job.parent !== null && this.#opened.peek().has(job.parent)) return true;
    return (job.parent === null || this.#takesParts) && job.number >= this.#floor;
  }

  #isLeftOut(job: JobSummary): boolean {
    return job.hidden !== null && !this.#takesHidden;
  }

  #insert(jobs: readonly JobSummary[]): void {
    const top: string[] = [];
    const parts = new Map<string, string[]>();
    const known = jobs.length > 0 ? new Set(this.#top.peek()) : null;
    for (const job of jobs) {
      if (!this.#rows.has(job.id)) continue;
      const siblings = job.parent === null ? undefined : this.#opened.peek().get(job.parent);
      if (job.parent !== null && siblings !== undefined) {
        if (!siblings.includes(job.id)) parts.set(job.parent, [...(parts.get(job.parent) ?? []), job.id]);
      } else if (!known?.has(job.id)) top.push(job.id);
    }
    if (top.length > 0) this.#top.value = merged(this.#top.peek(), [...new Set(top)], this.#by(newestFirst));
    if (parts.size === 0) return;
    const opened = new Map(this.#opened.peek());
    for (const [parent, ids] of parts) {
      opened.set(parent, merged(opened.get(parent) ?? [], [...new Set(ids)], this.#by(partsInOrder)));
    }
    this.#opened.value = opened;
  }

  #remove(gone: ReadonlySet<string>): void {
    const here = [...gone].filter((id) => this.#rows.has(id));
    if (here.length === 0) return;
    this.#top.value = this.#top.peek().filter((id) => !gone.has(id));
    if (this.#opened.peek().size > 0) {
      const left = [...this.#opened.peek()].filter(([id]) => !gone.has(id));
      this.#opened.value = new Map(left.map(([id, parts]) => [id, parts.filter((part) => !gone.has(part))]));
    }
    this.#forget();
  }

  #loadedTo(jobs: readonly JobSummary[], complete: boolean): void {
    this.complete.value = complete;
    this.#floor = complete ? 0 : (jobs.at(-1)?.number ?? this.#floor);
  }

  #trim(): void {
    if (this.#top.peek().length <= MOST_JOBS) return;
    this.#top.value = this.#top.peek().slice(0, MOST_JOBS);
    const last = this.#rows.get(this.#top.peek().at(-1) ?? "");
    this.#floor = last?.peek().number ?? 0;
    this.complete.value = false;
    this.#forget();
  }

  /** Lets go of jobs that are not in the list any more. */
  #forget(): void {
    const kept = new Set(this.#top.peek());
    const opened = new Map(this.#opened.peek());
    let before: number;
    do {
      before = kept.size;
      for (const [id, parts] of opened) if (kept.has(id)) for (const part of parts) kept.add(part);
    } while (kept.size > before);
    for (const id of opened.keys()) if (!kept.has(id)) opened.delete(id);
    if (opened.size < this.#opened.peek().size) this.#opened.value = opened;
    for (const id of this.#rows.keys()) if (!kept.has(id)) this.#rows.delete(id);
  }

  #by(before: (a: JobSummary, b: JobSummary) => number): (a: string, b: string) => number {
    return (a, b) => {
      const [one, other] = [this.#rows.get(a)?.peek(), this.#rows.get(b)?.peek()];
      return one && other ? before(one, other) : 0;
    };
  }
}

function flattened(top: readonly string[], opened: ReadonlyMap<string, readonly string[]>): readonly string[] {
  if (opened.size === 0) return top;
  const shown: string[] = [];
  const add = (id: string): void => {
    shown.push(id);
    opened.get(id)?.forEach(add);
  };
  top.forEach(add);
  return new Set(shown).size === shown.length ? shown : [...new Set(shown)];
}
