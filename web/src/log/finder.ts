// A search of one log: what was found, where that is marked in the log's own lines, and the way from one to the next.
import { signal } from "@preact/signals";

import type { Stretch } from "./ansi";
import { placesOf, stretchOf, type Sought } from "./marks";
import { BLOCK, blockOf, type LogStore, type Match, type Matches } from "./store";

const LIMIT = 200;
const MOST_BLOCKS = 40;
/** So many lines are looked through in one request for the last match in them: no more can match than one answer holds. */
const LOOKED_BACK = 1000;

/** Searches a log on the server. */
export class Finder {
  readonly sought = signal<Sought | null>(null);
  readonly found = signal<Matches | null>(null);
  readonly searching = signal(false);
  readonly trouble = signal<string | null>(null);
  /** Rises when what is to be marked changes. */
  readonly changed = signal(0);

  readonly #store: LogStore;
  #busy = new AbortController();
  #blocks = new Set<number>();
  #matches = new Map<number, Match>();
  #size = 0;
  #total = 0;

  constructor(store: LogStore) {
    this.#store = store;
  }

  /** Looks for something; the first of what is found comes at once. */
  async begin(sought: Sought): Promise<void> {
    this.clear();
    this.sought.value = sought;
    await this.#page(0);
  }

  /** Gets more of what was found. */
  async more(): Promise<void> {
    const after = this.found.peek()?.next;
    if (typeof after === "number") await this.#page(after);
  }

  clear(): void {
    this.#busy.abort();
    this.#busy = new AbortController();
    this.#forgetMarks();
    this.sought.value = null;
    this.found.value = null;
    this.trouble.value = null;
    this.searching.value = false;
  }

  /** Gives the first line that looks like an error; null when there is none. */
  async firstError(): Promise<number | null> {
    this.clear();
    return (await this.#guarded((signal) => this.#store.search({ errors: 1, limit: 1 }, signal)))?.matches[0]?.line ?? null;
  }

  /** Gives the next line that matches behind one, from the log's beginning on when there is none. */
  next(line: number): Promise<number | null> {
    return this.#guarded(async (signal) => (await this.#firstIn(line, null, signal)) ?? (line > 0 ? this.#firstIn(0, line, signal) : null));
  }

  /** Gives the line that matches before one, from the log's end back when there is none. */
  previous(line: number): Promise<number | null> {
    const total = this.#store.total.peek();
    return this.#guarded(async (signal) => (await this.#lastIn(0, line - 1, signal)) ?? this.#lastIn(line - 1, total, signal));
  }

  /** Says which lines are in view: where an expression matches in them is asked of the server, which alone reads it. */
  want(first: number, end: number): void {
    const sought = this.sought.peek();
    if (sought === null || !sought.isRegex) return;
    this.#renew();
    if (this.#blocks.size > MOST_BLOCKS) this.#forgetMarks();
    for (let block = blockOf(first); block < end; block += BLOCK) {
      if (this.#blocks.has(block)) continue;
      this.#blocks.add(block);
      void this.#mark(block, this.#busy.signal);
    }
  }

  /** Gives what is to be marked in a line. */
  marksOf(number: number, text: string): Stretch[] {
    const sought = this.sought.peek();
    if (sought === null) return [];
    if (!sought.isRegex) return placesOf(text, sought);
    const match = this.#matches.get(number);
    return match === undefined || match.text !== text ? [] : [stretchOf(text, match.start, match.end)];
  }

  /** What was written since then is searched too, the newest line once more. */
  #renew(): void {
    const size = this.#store.sizeBytes.peek();
    if (size === this.#size) return;
    this.#blocks.delete(blockOf(this.#total));
    this.#size = size;
    this.#total = this.#store.total.peek();
  }

  #forgetMarks(): void {
    this.#blocks.clear();
    this.#matches.clear();
    this.changed.value += 1;
  }

  async #mark(block: number, signal: AbortSignal): Promise<void> {
    try {
      const found = await this.#ask({ after: block - 1, until: block + BLOCK - 1, limit: BLOCK }, signal);
      if (signal.aborted) return;
      for (const match of found.matches) this.#matches.set(match.line, match);
      this.changed.value += 1;
    } catch {
      this.#blocks.delete(block);
    }
  }

  async #page(after: number): Promise<void> {
    const more = await this.#guarded((signal) => this.#ask({ after, limit: LIMIT }, signal));
    if (more === null) return;
    const before = after === 0 ? [] : (this.found.peek()?.matches ?? []);
    this.found.value = { ...more, matches: [...before, ...more.matches] };
  }

  /** Does what may be ended by the next search; null when it was, or when the server refused. */
  async #guarded<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    const { signal } = this.#busy;
    this.searching.value = true;
    this.trouble.value = null;
    try {
      return await work(signal);
    } catch (error) {
      if (!signal.aborted) this.trouble.value = error instanceof Error ? error.message : String(error);
      return null;
    } finally {
      if (!signal.aborted) this.searching.value = false;
    }
  }

  #ask(parameters: { after: number; until?: number | null; limit: number }, signal: AbortSignal): Promise<Matches> {
    const sought = this.sought.peek();
    const asked = { text: sought?.text, regex: Number(sought?.isRegex), case: Number(sought?.matchCase) };
    return this.#store.search({ ...asked, ...parameters }, signal);
  }

  /** Gives the first line that matches behind `after`, up to `until`. */
  async #firstIn(after: number, until: number | null, signal: AbortSignal): Promise<number | null> {
    for (let from: number | null = after; from !== null; ) {
      const found: Matches = await this.#ask({ after: from, until, limit: 1 }, signal);
      if (found.matches[0] !== undefined) return found.matches[0].line;
      from = found.next;
    }
    return null;
  }

  /** Gives the last line that matches behind `after`, up to `until`: halves what it may be in. */
  async #lastIn(after: number, until: number, signal: AbortSignal): Promise<number | null> {
    let [from, to] = [after, until];
    while (to - from > LOOKED_BACK) {
      const middle = Math.floor((from + to) / 2);
      if ((await this.#firstIn(middle, to, signal)) === null) to = middle;
      else from = middle;
    }
    if (to <= from) return null;
    let last: number | null = null;
    for (let at: number | null = from; at !== null; ) {
      const found: Matches = await this.#ask({ after: at, until: to, limit: LOOKED_BACK }, signal);
      last = found.matches.at(-1)?.line ?? last;
      at = found.next;
    }
    return last;
  }
}
