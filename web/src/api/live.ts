// One live connection: a websocket, else server-sent events, else asking again and again; resumes by sequence.
import { signal } from "@preact/signals";

import { address, callText, get, Refused, type Parameters } from "./client";
import type { Change, Frame } from "./types";

export type Way = "websocket" | "sse" | "polling";

export type Status =
  | { kind: "connecting" }
  | { kind: "live"; way: Way }
  | { kind: "lost"; nextTry: number }
  | { kind: "denied" };

/** Hears of changes, in their order; `after` is the sequence that is known then. A `reset` means: read anew. */
export type Listener = (changes: readonly Change[], after: number) => void;

const HIDDEN_GATHER_MS = 2000;
const BACK_OFF_MS = [500, 1000, 2000, 5000, 10_000, 30_000];
const FAILED_BEFORE_NEXT_WAY = 2;
const POLL_MS = 2000;
const UNAUTHORIZED = 401;
/** The first frame comes at once; a way that brings none for so long is kept back by something between. */
const FIRST_FRAME_MS = 6000;

/** Follows what a filter selects. Frames of a hidden page are gathered and handed on every two seconds. */
export class Live {
  /** What to tell the reader. */
  readonly status = signal<Status>({ kind: "connecting" });

  #after: number | null;
  #way: Way = "websocket";
  #failures = 0;
  #worked = false;
  #closed = false;
  #socket: WebSocket | null = null;
  #events: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #gathered: Change[] = [];
  #flush: ReturnType<typeof setTimeout> | undefined;
  readonly #filter: Parameters;
  readonly #listen: Listener;

  /** `after` is the sequence that the caller knows already; null starts with what comes next. */
  constructor(filter: Parameters, after: number | null, listen: Listener) {
    this.#filter = filter;
    this.#after = after;
    this.#listen = listen;
    document.addEventListener("visibilitychange", this.#seen);
    window.addEventListener("online", this.#online);
    this.#connect();
  }

  /** Ends the connection for good. */
  close(): void {
    this.#closed = true;
    document.removeEventListener("visibilitychange", this.#seen);
    window.removeEventListener("online", this.#online);
    clearTimeout(this.#timer);
    clearTimeout(this.#flush);
    this.#hangUp();
  }

  /** Tries again now instead of when the time comes. */
  retry(): void {
    clearTimeout(this.#timer);
    this.#hangUp();
    this.#connect();
  }

  readonly #seen = (): void => {
    if (!document.hidden) this.#hand();
  };

  readonly #online = (): void => {
    if (this.status.peek().kind === "lost") this.retry();
  };

  #parameters(): Parameters {
    return this.#after === null ? this.#filter : { ...this.#filter, after: this.#after };
  }

  #connect(): void {
    if (this.#closed) return;
    if (this.#way === "websocket") this.#openSocket();
    else if (this.#way === "sse") this.#openEvents();
    else void this.#poll();
  }

  #openSocket(): void {
    const url = new URL(address("events/ws", this.#parameters()));
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    let socket: WebSocket;
    try {
      socket = new WebSocket(url.href);
    } catch {
      this.#failed();
      return;
    }
    this.#socket = socket;
    this.#expectFrame(() => socket.close());
    socket.onmessage = (event) => {
      this.#isLive("websocket");
      this.#take(JSON.parse(String(event.data)) as Frame);
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      clearTimeout(this.#patience);
      this.#socket = null;
      this.#failed();
    };
  }

  #openEvents(): void {
    const events = new EventSource(address("events", this.#parameters()));
    this.#events = events;
    const failed = (): void => {
      events.close();
      if (this.#events !== events) return;
      clearTimeout(this.#patience);
      this.#events = null;
      this.#failed();
    };
    this.#expectFrame(failed);
    events.addEventListener("changes", (event) => {
      this.#isLive("sse");
      this.#take([Number(event.lastEventId), JSON.parse(event.data as string) as Change[]]);
    });
    events.onerror = failed;
  }

  #expectFrame(giveUp: () => void): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(giveUp, FIRST_FRAME_MS);
  }

  /** Asks for what a stream would have told by now: the same, only later. */
  async #poll(): Promise<void> {
    try {
      const parameters = { ...this.#parameters(), once: true };
      const text = await callText("GET", "events", { parameters, headers: { Accept: "text/event-stream" } });
      if (this.#closed) return;
      this.#isLive("polling");
      this.#take(frameOf(text));
      this.#timer = setTimeout(() => void this.#poll(), document.hidden ? POLL_MS * 5 : POLL_MS);
    } catch {
      if (!this.#closed) this.#failed();
    }
  }

  #isLive(way: Way): void {
    clearTimeout(this.#patience);
    this.#worked = true;
    this.#failures = 0;
    const before = this.status.peek();
    if (before.kind !== "live" || before.way !== way) this.status.value = { kind: "live", way };
  }

  /** Waits and tries again; a way that never worked here gives place to the next one. */
  #failed(): void {
    if (this.#closed) return;
    this.#failures += 1;
    if (!this.#worked && this.#failures >= FAILED_BEFORE_NEXT_WAY && this.#way !== "polling") {
      this.#way = this.#way === "websocket" ? "sse" : "polling";
      this.#failures = 0;
    }
    const wait = BACK_OFF_MS[Math.min(this.#failures, BACK_OFF_MS.length - 1)] ?? 0;
    this.status.value = { kind: "lost", nextTry: Date.now() + wait };
    void this.#askWhetherKnown();
    this.#timer = setTimeout(() => {
      this.status.value = { kind: "connecting" };
      this.#connect();
    }, wait);
  }

  /** A refused websocket does not say why: asks, and tries no more when the server does not know us any more. */
  async #askWhetherKnown(): Promise<void> {
    try {
      await get("whoami");
    } catch (error) {
      if (this.#closed || !(error instanceof Refused) || error.status !== UNAUTHORIZED) return;
      clearTimeout(this.#timer);
      this.#hangUp();
      this.status.value = { kind: "denied" };
    }
  }

  #take([seq, changes]: Frame): void {
    // A frame that was sent before the connection broke may come again after it: told once.
    if (this.#after !== null && seq < this.#after) return;
    this.#after = Math.max(seq, this.#after ?? 0);
    this.#gathered.push(...changes);
    if (!document.hidden) this.#hand();
    else this.#flush ??= setTimeout(() => this.#hand(), HIDDEN_GATHER_MS);
  }

  #hand(): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    if (this.#gathered.length === 0) return;
    const changes = this.#gathered;
    this.#gathered = [];
    this.#listen(changes, this.#after ?? 0);
  }

  #hangUp(): void {
    clearTimeout(this.#patience);
    if (this.#socket) part(this.#socket);
    this.#socket = null;
    this.#events?.close();
    this.#events = null;
  }
}

/** Closes a connection; one that is not made yet when it is, since the browser complains of any other. */
function part(socket: WebSocket): void {
  if (socket.readyState !== WebSocket.CONNECTING) return socket.close();
  socket.onmessage = null;
  socket.onopen = () => socket.close();
}

/** Reads the one event that an answer consists of. */
export function frameOf(text: string): Frame {
  const [, seq, changes] = /^id: (\d+)\nevent: changes\ndata: (.*)$/m.exec(text) ?? [];
  if (seq === undefined || changes === undefined) throw new Error("the answer is no event");
  return [Number(seq), JSON.parse(changes) as Change[]];
}
