// The documents of the native protocol, as docs/reference/rest-api.md has them. Times are RFC 3339 in UTC.

export type State = "accepted" | "queued" | "running" | "succeeded" | "failed" | "cancelled";

export const FINAL: ReadonlySet<State> = new Set(["succeeded", "failed", "cancelled"]);

export interface JobError {
  type: string;
  message: string;
  traceback?: string | null;
}

export interface Usage {
  cpu_s: number | null;
  max_memory_bytes: number | null;
  wall_s: number | null;
}

export interface WorkersSummary {
  count: number;
  finished: number;
  not_ok: number;
  announced: number | null;
}

export interface JobSummary {
  id: string;
  number: number;
  kind: string;
  protocol: string;
  owner: string;
  project: string | null;
  parent: string | null;
  index: number | null;
  name: string;
  state: State;
  reason: string | null;
  status_text: string;
  cancel: { by: string; at: string; reason: string } | null;
  progress: number | null;
  workers: WorkersSummary;
  children: Partial<Record<State, number>>;
  exit_code: number | null;
  signal: number | null;
  error: JobError | null;
  labels: string[];
  url: string | null;
  cluster: string | null;
  native_id: string | null;
  attempt: number;
  created: string;
  queued: string | null;
  started: string | null;
  ended: string | null;
  updated: string;
  usage: Usage | null;
  expires: string | null;
  hidden: string | null;
  rev: number;
  seq: number;
}

export interface Attempt {
  no: number;
  cluster: string;
  native_id: string | null;
  native_state: string;
  native_info: Record<string, unknown>;
  host: string;
  sent: string | null;
  started: string | null;
  ended: string | null;
  exit_code: number | null;
  signal: number | null;
  usage: Usage | null;
  state: State | null;
  reason: string | null;
  message: string;
}

export interface Counter {
  key: string;
  value: unknown;
  colour: string | null;
  updated: string;
}

export interface Efficiency {
  words: string;
  cpu_asked: number | null;
  cpu_used: number | null;
  memory_asked_bytes: number | null;
  memory_used_bytes: number | null;
  suggest: string | null;
}

/** A file or a directory with all in it, and where its copy goes; one end is in the sandbox. */
export interface Transfer {
  source: string;
  target: string;
}

/** A private directory that a job runs in; what is as ever is left out. */
export interface Sandbox {
  stage_in?: Transfer[];
  stage_out?: Transfer[];
  /** Where a copy of the log goes. */
  stdout?: string;
  stderr?: string;
  /** The ends of the job that it does not outlive: only success, if it is left out. */
  delete?: "always" | "on_success" | "never";
  keep_s?: number;
}

/** What can be done with a job, where its state allows it. */
export type Right = "cancel" | "retry" | "clone" | "label" | "hide" | "report" | "share";

/** A function that a job runs; what was pickled is not shown. */
export interface JobFunction {
  pickled_bytes: number;
  source: string;
  shell: string;
  rerun: number;
}

/** What stands for a result that is long or is no JSON. */
export interface Opaque {
  media_type: string;
  type: string;
  bytes: number;
}

export interface JobDocument extends JobSummary {
  command: string[];
  function?: JobFunction | null;
  directory: string | null;
  environment: Record<string, string>;
  inherit_environment: boolean;
  stdin_path: string | null;
  sandbox?: Sandbox | null;
  /** Of an array: its elements are jobs below it. */
  array?: { indices: string } | null;
  resources: Record<string, unknown>;
  attributes: Record<string, unknown>;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  result: unknown;
  extra: Record<string, unknown>;
  worker_count: number | null;
  max_age_s: number | null;
  will_finish: boolean;
  /** Who is told of its events; a server that calls nobody says nothing of it. */
  callbacks?: Callback[];
  attempts: Attempt[];
  counters: Counter[];
  efficiency?: Efficiency | null;
  /** The account that it runs as, or ran. */
  runs_as?: string | null;
  origin?: { job: string; how: string } | null;
  /** Those groups of whoever asks that it is directly in. */
  groups?: { id: string; name: string }[];
  /** What whoever asks may do with it. */
  may: Right[];
  links: { self: string; workers: string; events: string; stdout?: string; stderr?: string; page: string; light: string };
}

/** Why a job waits, or how it failed. */
export interface Why {
  state: State;
  reason: string | null;
  headline: string;
  words: string[];
  advice: string | null;
  cluster: string | null;
  /** Which executor its cluster is: `slurm`; empty for none. */
  kind: string;
  attempt: number;
  native_id: string | null;
  native_state: string;
  native_reason: string;
  /** When the scheduler said so. */
  as_of: string | null;
  last_lines: string[];
}

export interface Worker {
  id: string;
  current: number;
  total: number | null;
  ok: boolean;
  desc: string;
  fraction: number | null;
  finished: boolean;
  rate_per_s: number | null;
  eta_s: number | null;
  stalled: boolean;
  first_seen: string;
  updated: string;
}

export interface Callback {
  url: string;
  words: string;
  events: string[];
  signed: boolean;
}

export type DeliveryState = "waiting" | "delivered" | "silent" | "dead" | "dropped";

/** An event and one of the job's callbacks: whether it was told. */
export interface Delivery {
  event: number;
  callback: number;
  job: string;
  type: string;
  time: string;
  origin: string;
  state: DeliveryState;
  due: string | null;
  tries: { at: string; status: number | null; detail: string; took_s: number }[];
  tried: number;
  replays: number;
}

export interface JobEvent {
  seq: number;
  job: string | null;
  time: string;
  type: string;
  actor: string;
  protocol: string;
  data: Record<string, unknown>;
}

/** What the live stream tells; see docs/reference/live.md. */
export type Change =
  | { type: "job"; job: JobSummary }
  | { type: "gone"; id: string }
  | { type: "worker"; job: string; worker: Worker }
  | { type: "counters"; job: string; counters: Counter[] }
  | { type: "event"; event: JobEvent }
  | { type: "reset" };

export type Frame = [seq: number, changes: Change[]];

/** RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  field?: string;
}
