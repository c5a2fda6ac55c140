// One stream of one attempt, by lines: what is in view is kept, and little more.
import { signal } from "@preact/signals";

import { get, Refused, type Parameters } from "../api/client";

export type Stream = "stdout" | "stderr";

interface Lines {
  first: number | null;
  lines: string[];
  total: number;
  counted: boolean;
  size_bytes: number;
  ended: boolean;
  /** Of these only a part is here: the beginning, or for those in `ends` the last states of a line that writes over itself. */
  cut: number[];
  ends: number[];
}

export interface Match {
  line: number;
  text: string;
  start: number;
  end: number;
}

export interface Matches {
  matches: Match[];
  scanned_lines: number;
  complete: boolean;
  next: number | null;
}

/** Lines are asked for in blocks of so many. */
export const BLOCK = 400;
/** So many lines beyond both ends of what is in view are kept. */
const KEPT_AROUND = 1500;
const TAIL = 200;
const FOLLOW_MS = 500;
const WATCH_MS = 2000;

/** Reads a log as it is looked at. */
export class LogStore {
  readonly total = signal(0);
  readonly sizeBytes = signal(0);
  readonly ended = signal(false);
  /** Whether anything was answered yet. */
  readonly known = signal(false);
  readonly trouble = signal<string | null>(null);
  /** Rises when lines came. */
  readonly changed = signal(0);
  readonly following = signal(true);

  readonly stream: Stream;
  readonly #path: string;
  readonly #attempt: number | null;
  readonly #lines = new Map<number, string>();
  readonly #cut = new Set<number>();
  readonly #asked = new Map<number, AbortController>();
  #view = { first: 1, end: 1 };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(jobId: string, stream: Stream, attempt: number | null) {
    this.stream = stream;
    this.#path = `jobs/${encodeURIComponent(jobId)}/log/${stream}`;
    this.#attempt = attempt;
  }

  /** Begins to read: at a line, or at the end. */
  open(line: number | null): void {
    this.following.value = line === null;
    const first = line === null ? -TAIL : Math.max(1, line - TAIL / 2);
    void this.#read({ first, count: TAIL }).finally(() => this.#later());
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const asked of this.#asked.values()) asked.abort();
  }

  /** Gives a line's text, from 1; undefined while it is not here. */
  line(number: number): string | undefined {
    return this.#lines.get(number);
  }

  /** Tells whether only the beginning of a line is here. */
  isCut(number: number): boolean {
    return this.#cut.has(number);
  }

  /** Says which lines are in view, from `first` up to, and without, `end`: they come, and those far off go. */
  want(first: number, end: number): void {
    this.#view = { first, end };
    const last = Math.min(end - 1, this.total.peek());
    for (let block = blockOf(first); block <= last; block += BLOCK) {
      if (this.#lacks(Math.max(first, block), Math.min(last, block + BLOCK - 1))) this.#ask(block);
    }
    for (const [block, asked] of this.#asked) {
      if (block + BLOCK < first - BLOCK || block > end + BLOCK) asked.abort();
    }
  }

  /** Searches the whole log on the server. */
  search(parameters: Parameters, signal?: AbortSignal): Promise<Matches> {
    return get<Matches>(`${this.#path}/search`, { ...parameters, attempt: this.#attempt }, signal);
  }

  /** Looks again soon: after the end of a job, or when following begins. */
  look(): void {
    clearTimeout(this.#timer);
    void this.#poll();
  }

  #lacks(first: number, last: number): boolean {
    for (let number = first; number <= last; number++) if (!this.#lines.has(number)) return true;
    return false;
  }

  #ask(block: number): void {
    if (this.#asked.has(block)) return;
    const asked = new AbortController();
    this.#asked.set(block, asked);
    void this.#read({ first: block, count: BLOCK }, asked.signal).finally(() => {
      this.#asked.delete(block);
      // What was in the way of this block may be in view by now.
      if (asked.signal.aborted && !this.#closed) this.want(this.#view.first, this.#view.end);
    });
  }

  async #read(parameters: Parameters, signal?: AbortSignal): Promise<void> {
    try {
      const found = await get<Lines>(`${this.#path}/lines`, { ...parameters, attempt: this.#attempt }, signal);
      if (!this.#closed) this.#take(found);
    } catch (error) {
      if (signal?.aborted || this.#closed) return;
      // A lost connection is told of at the top of the page.
      if (error instanceof Refused) this.trouble.value = error.message;
    }
  }

  #take(found: Lines): void {
    // The newest line may have gone on since it was read.
    if (found.size_bytes !== this.sizeBytes.peek()) this.#lines.delete(this.total.peek());
    if (found.total < this.total.peek()) this.#lines.clear();
    if (found.first !== null) found.lines.forEach((text, i) => this.#put((found.first ?? 1) + i, text, found));
    this.#prune(found.first ?? 1, (found.first ?? 1) + found.lines.length);
    this.trouble.value = null;
    this.known.value = true;
    this.total.value = found.total;
    this.sizeBytes.value = found.size_bytes;
    this.ended.value = found.ended && found.counted;
    this.changed.value += 1;
  }

  /** Of a line that writes over itself all that a terminal would show is here. */
  #put(number: number, text: string, { cut, ends }: Lines): void {
    this.#lines.set(number, text);
    if (cut.includes(number) && !ends.includes(number)) this.#cut.add(number);
    else this.#cut.delete(number);
  }

  #prune(first: number, end: number): void {
    if (this.#lines.size < 2 * KEPT_AROUND) return;
    const from = this.#view.first - KEPT_AROUND;
    const to = this.#view.end + KEPT_AROUND;
    for (const number of this.#lines.keys()) {
      if ((number < from || number > to) && (number < first || number >= end)) {
        this.#lines.delete(number);
        this.#cut.delete(number);
      }
    }
  }

  #later(): void {
    if (this.#closed || this.ended.peek()) return;
    this.#timer = setTimeout(() => void this.#poll(), this.following.peek() ? FOLLOW_MS : WATCH_MS);
  }

  async #poll(): Promise<void> {
    if (!document.hidden) await this.#read(this.following.peek() ? { first: -TAIL, count: TAIL } : { first: 1, count: 0 });
    this.#later();
  }
}

/** Gives the first line of the block that a line is in. */
export function blockOf(line: number): number {
  return Math.floor((Math.max(1, line) - 1) / BLOCK) * BLOCK + 1;
}
