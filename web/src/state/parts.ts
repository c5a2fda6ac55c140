// The parts of an array or a group, some at a time: those that failed first, then those that run.
import { signal } from "@preact/signals";

import { get } from "../api/client";
import type { JobSummary, State } from "../api/types";
import { failedFirst, partsInOrder } from "./order";

const PAGE = 200;
/** So many are read at once rather than in portions: they stand in their own order then. */
const FEW = 400;
const MOST_AT_ONCE = 1000;
/** In this order they are read. */
const GROUPS: readonly (readonly State[])[] = [["failed"], ["running"], ["queued", "accepted"], ["cancelled"], ["succeeded"]];

interface Page {
  jobs: JobSummary[];
  next: string | null;
}

/** As many of a job's parts as were asked for, in all states or in one. */
export class Parts {
  /** Those that were read; null before. */
  readonly jobs = signal<readonly JobSummary[] | null>(null);
  readonly isComplete = signal(false);
  /** Only those in this state. */
  readonly only = signal<State | null>(null);
  readonly trouble = signal("");
  /** How many there are in each state: what is empty need not be asked for. */
  counts: JobSummary["children"] = {};
  #wanted = PAGE;
  #reading = 0;

  constructor(readonly parent: string) {}

  /** Shows those in one state, or all. */
  choose(only: State | null): Promise<void> {
    this.only.value = only;
    this.#wanted = PAGE;
    return this.again();
  }

  /** Shows more. */
  more(): Promise<void> {
    this.#wanted += PAGE;
    return this.again();
  }

  /** Reads all that are shown anew. The answer to a question that was asked before another one counts for nothing. */
  async again(): Promise<void> {
    const turn = ++this.#reading;
    try {
      const found = await this.#read(this.#wanted);
      if (turn !== this.#reading) return;
      this.isComplete.value = found.isComplete;
      this.jobs.value = found.isComplete ? [...found.jobs].sort(failedFirst) : found.jobs;
      this.trouble.value = "";
    } catch (error) {
      if (turn === this.#reading) this.trouble.value = error instanceof Error ? error.message : String(error);
    }
  }

  async #read(wanted: number): Promise<{ jobs: readonly JobSummary[]; isComplete: boolean }> {
    const only = this.only.peek();
    const all = Object.values(this.counts).reduce((sum, n) => sum + n, 0);
    // One question is enough where all have room in its answer.
    const groups = only !== null ? [[only]] : all <= Math.max(FEW, wanted) ? [[]] : GROUPS.filter((group) => group.some((state) => this.counts[state]));
    const jobs: JobSummary[] = [];
    for (const [n, states] of groups.entries()) {
      const found = await this.#readSome(states, Math.max(states.length === 0 ? FEW : 0, wanted) - jobs.length);
      // One may have moved on from a state to the next between two answers.
      const known = new Set(jobs.map((each) => each.id));
      const added = found.jobs.filter((each) => !known.has(each.id));
      jobs.push(...(found.isComplete ? added.sort(partsInOrder) : added));
      if (!found.isComplete || (jobs.length >= wanted && n < groups.length - 1)) return { jobs, isComplete: false };
    }
    return { jobs, isComplete: true };
  }

  async #readSome(states: readonly State[], wanted: number): Promise<{ jobs: JobSummary[]; isComplete: boolean }> {
    const jobs: JobSummary[] = [];
    let cursor: string | null = null;
    do {
      const limit = Math.min(MOST_AT_ONCE, wanted - jobs.length);
      const page: Page = await get<Page>("jobs", { parent: this.parent, state: states, limit, cursor, hidden: 1 });
      jobs.push(...page.jobs);
      cursor = page.next;
    } while (cursor !== null && jobs.length < wanted);
    return { jobs, isComplete: cursor === null };
  }
}
