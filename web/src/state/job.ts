// One job: its document, its workers, its counters and what happened to it, kept true by the live connection.
import { batch, computed, signal, type Signal } from "@preact/signals";

import { get } from "../api/client";
import { FINAL, type Change, type Counter, type JobDocument, type JobEvent, type Worker } from "../api/types";
import { follow } from "./live";

const PAGE = 1000;
const EVENTS_KEPT = 5000;
const SILENT_MS = 30_000;

/** A worker, and when we heard of it, by our clock. */
export interface Seen extends Worker {
  heard: number;
}

/** A job that is looked at. Each worker is a signal of its own, so that one report redraws one row. */
export class JobState {
  readonly document = signal<JobDocument | null>(null);
  /** Why there is no document. */
  readonly trouble = signal<unknown>(null);
  /** The ids of all workers, in no order. */
  readonly workerIds = signal<readonly string[]>([]);
  /** Rises with every change of any worker. */
  readonly workersChanged = signal(0);
  readonly readingWorkers = signal(false);
  readonly counters = signal<readonly Counter[]>([]);
  readonly events = signal<readonly JobEvent[]>([]);
  /** Where older events go on; null when all are here. */
  readonly eventsNext = signal<number | null>(null);
  readonly hasEnded = computed(() => {
    const job = this.document.value;
    return job !== null && FINAL.has(job.state);
  });

  readonly #ref: string;
  readonly #workers = new Map<string, Signal<Seen>>();
  #stop: (() => void) | null = null;
  #closed = false;
  #reading: Promise<JobDocument | null> | null = null;
  #readAgain = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(ref: string) {
    this.#ref = ref;
  }

  /** Reads all, and follows from there on. */
  async open(): Promise<void> {
    this.trouble.value = null;
    const document = await this.#read();
    if (document === null || this.#closed) return;
    this.#stop = follow({ job: document.id }, document.seq, (changes) => this.apply(changes));
    this.#timer = setInterval(() => this.#lookAfterSilence(), SILENT_MS);
    await this.#readRest();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#stop?.();
  }

  /** Gives a worker; null for one that is not known. */
  worker(id: string): Signal<Seen> | null {
    return this.#workers.get(id) ?? null;
  }

  /** Takes the document that a request answered. */
  take(document: JobDocument): void {
    const known = this.document.peek();
    if (known !== null && document.rev < known.rev) return;
    batch(() => {
      if (known !== null && document.attempt > known.attempt) this.#forget();
      this.document.value = document;
      this.counters.value = document.counters;
    });
  }

  /** Takes what the live connection tells. */
  apply(changes: readonly Change[]): void {
    let again = false;
    batch(() => {
      for (const change of changes) again = this.#one(change) || again;
    });
    if (again) void this.#read().then(() => this.#readRest());
  }

  /** Takes one change; gives whether all has to be read anew. */
  #one(change: Change): boolean {
    if (change.type === "reset") return true;
    const known = this.document.peek();
    if (known === null) return false;
    if (change.type === "job" && change.job.id === known.id) {
      const { job } = change;
      if (job.attempt !== known.attempt) this.#forget();
      this.document.value = { ...known, ...job };
      // Attempts, outputs and what became of it are in the document alone.
      if (job.rev !== known.rev) void this.#read();
    } else if (change.type === "worker" && change.job === known.id) this.#takeWorker(change.worker);
    else if (change.type === "counters" && change.job === known.id) this.counters.value = change.counters;
    else if (change.type === "event" && change.event.job === known.id) this.#takeEvents([change.event]);
    else if (change.type === "gone" && change.id === known.id) void this.#read();
    return false;
  }

  /** Reads the document; what changes while it is read makes it be read once more, however much it is. */
  #read(): Promise<JobDocument | null> {
    if (this.#reading !== null) this.#readAgain = true;
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = null;
      if (this.#readAgain && !this.#closed) {
        this.#readAgain = false;
        void this.#read();
      }
    });
    return this.#reading;
  }

  async #readOnce(): Promise<JobDocument | null> {
    try {
      const document = await get<JobDocument>(`jobs/${encodeURIComponent(this.#ref)}`);
      if (!this.#closed) this.take(document);
      return document;
    } catch (error) {
      // What is shown stays when the server cannot be asked; that is said by the connection's own words.
      if (this.document.peek() === null || isGone(error)) this.trouble.value = error;
      return null;
    }
  }

  async #readRest(): Promise<void> {
    if (this.document.peek() === null) return;
    await Promise.allSettled([this.#readWorkers(), this.readEvents(0)]);
  }

  async #readWorkers(): Promise<void> {
    this.readingWorkers.value = true;
    try {
      let cursor: string | null = null;
      do {
        const page: { workers: Worker[]; next: string | null } = await get(`${this.#path}/workers`, { limit: PAGE, cursor });
        if (this.#closed) return;
        batch(() => page.workers.forEach((worker) => this.#takeWorker(worker)));
        cursor = page.next;
      } while (cursor !== null);
    } finally {
      this.readingWorkers.value = false;
    }
  }

  /** Reads the events after one. */
  async readEvents(after: number): Promise<void> {
    const page = await get<{ events: JobEvent[]; next: number | null }>(`${this.#path}/events`, { after, limit: PAGE });
    if (this.#closed) return;
    this.#takeEvents(page.events);
    this.eventsNext.value = page.next;
  }

  get #path(): string {
    return `jobs/${this.document.peek()?.id ?? encodeURIComponent(this.#ref)}`;
  }

  #takeWorker(worker: Worker): void {
    const known = this.#workers.get(worker.id);
    const seen: Seen = { ...worker, heard: Date.now() };
    if (known === undefined) {
      this.#workers.set(worker.id, signal(seen));
      this.workerIds.value = [...this.#workers.keys()];
    } else if (worker.updated >= known.peek().updated) known.value = seen;
    this.workersChanged.value += 1;
  }

  #takeEvents(events: readonly JobEvent[]): void {
    const all = new Map(this.events.peek().map((event) => [event.seq, event]));
    for (const event of events) all.set(event.seq, event);
    this.events.value = [...all.values()].sort((a, b) => a.seq - b.seq).slice(-EVENTS_KEPT);
  }

  /** A new attempt begins without workers. */
  #forget(): void {
    this.#workers.clear();
    this.workerIds.value = [];
    this.workersChanged.value += 1;
  }

  /** Nobody tells when a worker falls silent: whoever has not reported for long is asked for again. */
  #lookAfterSilence(): void {
    if (document.hidden || this.hasEnded.peek()) return;
    const before = Date.now() - SILENT_MS;
    for (const worker of this.#workers.values()) {
      const { heard, finished, stalled } = worker.peek();
      if (!finished && !stalled && heard < before) return void this.#readWorkers().catch(() => undefined);
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "status" in error && error.status === 404;
}
