// A job as something to run again: for curl, for Python, for the command line. Pure.
import type { JobDocument, JobFunction } from "../api/types";
import { quote, quoteAll } from "./shell";
import { isSecret } from "./secret";
import { stagingLeftOut, stagingOptions } from "./staging";

/** What POST /jobs takes, as far as a job says it. */
export type Submission = Record<string, unknown>;

const PLAIN = ["name", "directory", "stdin_path", "cluster", "url", "parent", "worker_count"] as const;

/** Gives the body of POST /jobs that makes the same job; secrets only if `secrets`. */
export function submissionOf(job: JobDocument, secrets: boolean): Submission {
  const body: Submission = job.kind === "report" ? { kind: "report" } : job.function ? { function: linesOf(job.function) } : { command: job.command };
  for (const key of PLAIN) if (job[key] !== null && job[key] !== "") body[key] = job[key];
  if (job.sandbox) {
    delete body["directory"];
    body["sandbox"] = job.sandbox;
  }
  if (job.labels.length > 0) body["labels"] = job.labels;
  const environment = Object.entries(job.environment).filter(([name]) => secrets || !isSecret(name));
  if (environment.length > 0) body["environment"] = Object.fromEntries(environment);
  if (!job.inherit_environment) body["inherit_environment"] = false;
  for (const key of ["resources", "attributes", "inputs", "extra"] as const) {
    if (Object.keys(job[key] ?? {}).length > 0) body[key] = job[key];
  }
  if (job.kind === "report") {
    if (job.max_age_s !== null) body["max_age_s"] = job.max_age_s;
    if (job.will_finish) body["will_finish"] = true;
  }
  return body;
}

function linesOf(called: JobFunction): Submission {
  const lines = called.shell === "" ? { source: called.source } : { shell: called.shell };
  return called.rerun === 0 ? lines : { ...lines, rerun: called.rerun };
}

/** Tells whether the page knows all that a job runs: what was pickled stays in the server. */
export function canBeCopied(job: JobDocument): boolean {
  return !job.function?.pickled_bytes;
}

/** Gives the names of the variables that `submissionOf` leaves out without `secrets`. */
export function secretsOf(job: JobDocument): string[] {
  return Object.keys(job.environment).filter(isSecret);
}

const UNSAFE = /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Writes JSON in which nothing is left that a terminal would obey. */
function json(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(
    UNSAFE,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Gives a curl command that submits the same job to the server at `api`. */
export function curlFor(job: JobDocument, api: string, secrets = false): string {
  return [
    "curl -sS --fail-with-body \\",
    "  -H 'Content-Type: application/json' \\",
    `  --data-binary ${quote(json(submissionOf(job, secrets)))} \\`,
    `  ${quote(`${api}jobs`)}`,
  ].join("\n");
}

/** Gives a Python program that submits the same job and waits for it. */
export function pythonFor(job: JobDocument, server: string, secrets = false): string {
  const { command, kind, will_finish, ...options } = submissionOf(job, secrets);
  const call = kind === "report" ? "submit_report" : "submit";
  const lines = kind === "report" ? [] : [`${python(command, 8)},`];
  if (kind === "report") lines.push(`will_finish=${python(will_finish === true, 8)},`);
  for (const [key, value] of Object.entries(options)) lines.push(`${key}=${python(value, 8)},`);
  return [
    "from headway import Client",
    "",
    `with Client(${python(server, 0)}) as headway:`,
    `    job = headway.${call}(`,
    ...lines.map((line) => `        ${line}`),
    "    )",
    "    print(job.number)",
    "",
  ].join("\n");
}

/** Writes a JSON value as Python does. */
export function python(value: unknown, indent: number): string {
  const inner = " ".repeat(indent + 4);
  const around = (open: string, items: string[], close: string): string => {
    const short = `${open}${items.join(", ")}${close}`;
    if (short.length <= 80 && !short.includes("\n")) return short;
    return `${open}\n${items.map((item) => `${inner}${item},\n`).join("")}${" ".repeat(indent)}${close}`;
  };
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return json(value);
  if (Array.isArray(value)) return around("[", value.map((each) => python(each, indent + 4)), "]");
  if (typeof value !== "object") return String(value);
  const items = Object.entries(value).map(([key, each]) => `${json(key)}: ${python(each, indent + 4)}`);
  return around("{", items, "}");
}

const RESOURCES = {
  node_count: "--nodes",
  process_count: "--processes",
  processes_per_node: "--processes-per-node",
  cpu_cores_per_process: "--cores",
  gpu_cores_per_process: "--gpus",
  memory: "--memory",
} as const;
const SPANS = { duration: "--duration", total_duration: "--total-duration" } as const;
const ATTRIBUTES = { queue_name: "--queue", account: "--account", reservation_id: "--reservation" } as const;
/** What is said in another way than one option with one value. */
const OTHERWISE: ReadonlySet<string> = new Set(["exclusive_node_use", "custom_attributes"]);

/** Gives the command `headway submit` that submits the same job; null for one that only reports. */
export function cliFor(job: JobDocument, secrets = false): string | null {
  if (job.kind === "report" || job.command.length === 0) return null;
  const options: string[] = [];
  const add = (option: string, value: unknown): void => void options.push(`${option} ${quote(String(value))}`);
  if (job.name !== "") add("--name", job.name);
  for (const label of job.labels) add("--label", label);
  if (job.cluster !== null) add("--cluster", job.cluster);
  const staging = stagingOptions(job.sandbox ?? null);
  if (staging.length > 0) options.push(...staging);
  else if (job.directory === null || job.sandbox) options.push("--own-directory");
  else add("--directory", job.directory);
  for (const [name, value] of Object.entries(job.environment)) {
    if (secrets || !isSecret(name)) add("--environment", `${name}=${value}`);
  }
  if (job.stdin_path !== null) add("--stdin", job.stdin_path);
  for (const [key, option] of Object.entries(SPANS)) {
    if (typeof job.attributes[key] === "number") add(option, `${spanText(job.attributes[key])}s`);
  }
  for (const [key, option] of Object.entries(RESOURCES)) {
    const value = job.resources[key];
    if (value !== undefined) add(option, key === "memory" ? memoryText(value) : value);
  }
  for (const [key, option] of Object.entries(ATTRIBUTES)) {
    if (job.attributes[key] !== undefined) add(option, job.attributes[key]);
  }
  if (job.resources["exclusive_node_use"] === true) options.push("--exclusive");
  for (const [name, value] of Object.entries(job.attributes["custom_attributes"] ?? {})) add("--native", `${name}=${String(value)}`);
  return ["headway submit", ...options, `-- ${quoteAll(job.command)}`].join(" \\\n  ");
}

/** Gives seconds without an exponent: `1e-7s` is no span. */
function spanText(seconds: number): string {
  const text = String(seconds);
  return text.includes("e") ? seconds.toFixed(9) : text;
}

const UNITS = ["T", "G", "M", "K"] as const;

/** Gives bytes as the shortest text that means exactly so many: `4G`. */
export function memoryText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "number" || value <= 0) return String(value);
  const at = UNITS.findIndex((_, i) => value % 1024 ** (UNITS.length - i) === 0);
  return at < 0 ? String(value) : `${value / 1024 ** (UNITS.length - at)}${UNITS[at]}`;
}

/** Names what `headway submit` has no option for, so that nobody believes it came along. */
export function leftOut(job: JobDocument): string[] {
  const resources = Object.keys(job.resources).filter((key) => !(key in RESOURCES) && !OTHERWISE.has(key));
  const attributes = Object.keys(job.attributes).filter((key) => !(key in SPANS) && !(key in ATTRIBUTES) && !OTHERWISE.has(key));
  const objects = (["inputs", "extra"] as const).filter((key) => Object.keys(job[key]).length > 0);
  const calls = (job.callbacks ?? []).length > 0 ? ["callbacks"] : [];
  const own = job.inherit_environment ? [] : ["inherit_environment"];
  return [...stagingLeftOut(job.sandbox ?? null), ...resources, ...attributes, ...objects, ...calls, ...own];
}
