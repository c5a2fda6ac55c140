// What a clone's form holds, what is different from the last run, and what is sent. Pure.
import type { JobDocument, Sandbox, Transfer } from "../../api/types";
import { memoryText } from "../../text/recipes";
import { isSecret, MASK } from "../../text/secret";
import { quote, quoteAll, split, Unclosed } from "../../text/shell";

export const RESOURCES = {
  nodes: "node_count",
  processes: "process_count",
  per_node: "processes_per_node",
  cores: "cpu_cores_per_process",
  gpus: "gpu_cores_per_process",
} as const;
export const ATTRIBUTES = { queue: "queue_name", account: "account" } as const;

/** Every field of the form, as text. */
export type Field =
  | "name"
  | "command"
  | "directory"
  | "stage_in"
  | "stage_out"
  | "environment"
  | "labels"
  | "memory"
  | "duration"
  | "total_duration"
  | keyof typeof RESOURCES
  | keyof typeof ATTRIBUTES;
export type Form = Record<Field, string>;

const SPANS = ["duration", "total_duration"] as const;
const WAYS = ["stage_in", "stage_out"] as const;

const text = (value: unknown): string => (value === undefined || value === null ? "" : String(value));

/** Fills the form with a job; secrets are masked. */
export function formOf(job: JobDocument): Form {
  const resources = Object.entries(RESOURCES).map(([field, key]) => [field, text(job.resources[key])]);
  const attributes = Object.entries(ATTRIBUTES).map(([field, key]) => [field, text(job.attributes[key])]);
  const variables = Object.entries(job.environment).map(([name, value]) => quote(`${name}=${isSecret(name) ? MASK : value}`));
  return {
    name: job.name,
    command: quoteAll(job.command),
    directory: job.directory ?? "",
    stage_in: pairsText(job.sandbox?.stage_in),
    stage_out: pairsText(job.sandbox?.stage_out),
    environment: variables.join("\n"),
    labels: quoteAll(job.labels),
    memory: memoryText(job.resources["memory"]),
    duration: text(job.attributes["duration"]),
    total_duration: text(job.attributes["total_duration"]),
    ...(Object.fromEntries([...resources, ...attributes]) as Record<keyof typeof RESOURCES | keyof typeof ATTRIBUTES, string>),
  };
}

function pairsText(all: readonly Transfer[] = []): string {
  return all.map((one) => quoteAll([one.source, one.target])).join("\n");
}

/** A field that cannot be used. */
export class Unusable extends Error {
  readonly field: Field;
  readonly what: "variable" | "whole" | "quotes" | "pair";

  constructor(field: Field, what: Unusable["what"], detail: string) {
    super(detail);
    this.field = field;
    this.what = what;
  }
}

function words(field: Field, value: string): string[] {
  try {
    return split(value);
  } catch (error) {
    if (error instanceof Unclosed) throw new Unusable(field, "quotes", error.message);
    throw error;
  }
}

function variables(value: string, job: JobDocument): Record<string, string> {
  const found: Record<string, string> = {};
  for (const each of words("environment", value)) {
    const at = each.indexOf("=");
    if (at < 1) throw new Unusable("environment", "variable", each);
    const name = each.slice(0, at);
    const given = each.slice(at + 1);
    found[name] = given === MASK && job.environment[name] !== undefined ? job.environment[name] : given;
  }
  return found;
}

/** Gives the sandbox with the files that the form names; all else of it stays as it was. */
function sandboxOf(job: JobDocument, form: Form): Sandbox {
  return { ...job.sandbox, stage_in: pairs("stage_in", form), stage_out: pairs("stage_out", form) };
}

function pairs(field: (typeof WAYS)[number], form: Form): Transfer[] {
  const all = words(field, form[field]);
  if (all.length % 2 !== 0) throw new Unusable(field, "pair", all[all.length - 1] as string);
  return all.flatMap((source, at) => (at % 2 === 0 ? [{ source, target: all[at + 1] as string }] : []));
}

function numbers(form: Form): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [field, key] of Object.entries(RESOURCES) as [keyof typeof RESOURCES, string][]) {
    const value = form[field].trim();
    if (value === "") continue;
    if (!/^[1-9]\d{0,8}$/.test(value)) throw new Unusable(field, "whole", value);
    found[key] = Number(value);
  }
  return found;
}

function without(given: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([key]) => !keys.includes(key)));
}

/**
 * Gives what to send: each part of the job that the form has changed, whole.
 *
 * Raises Unusable for a field that cannot be read.
 */
export function changesOf(job: JobDocument, form: Form): Record<string, unknown> {
  const before = formOf(job);
  const is = (...fields: Field[]): boolean => fields.some((field) => form[field] !== before[field]);
  const changes: Record<string, unknown> = {};
  if (is("name")) changes["name"] = form.name;
  if (is("command")) changes["command"] = words("command", form.command);
  if (is("directory")) changes["directory"] = form.directory.trim() === "" ? null : form.directory;
  if (is(...WAYS)) changes["sandbox"] = sandboxOf(job, form);
  if (is("environment")) changes["environment"] = variables(form.environment, job);
  if (is("labels")) changes["labels"] = words("labels", form.labels);
  const resources = { ...without(job.resources, [...Object.values(RESOURCES), "memory"]), ...numbers(form) };
  if (form.memory.trim() !== "") resources["memory"] = form.memory === before.memory ? job.resources["memory"] : form.memory.trim();
  if (is("memory", ...(Object.keys(RESOURCES) as Field[]))) changes["resources"] = resources;
  if (is(...SPANS, "queue", "account")) changes["attributes"] = attributesOf(job, form, before);
  return dropSame(job, changes);
}

function attributesOf(job: JobDocument, form: Form, before: Form): Record<string, unknown> {
  const found = without(job.attributes, [...Object.values(ATTRIBUTES), ...SPANS]);
  for (const [field, key] of Object.entries(ATTRIBUTES) as [keyof typeof ATTRIBUTES, string][]) {
    if (form[field].trim() !== "") found[key] = form[field].trim();
  }
  for (const key of SPANS) {
    const span = form[key].trim();
    if (span !== "") found[key] = form[key] === before[key] ? job.attributes[key] : span;
  }
  return found;
}

/** What was only written otherwise is no change. */
function dropSame(job: JobDocument, changes: Record<string, unknown>): Record<string, unknown> {
  const same = (key: string): boolean => JSON.stringify(changes[key]) === JSON.stringify((job as unknown as Record<string, unknown>)[key]);
  return without(changes, Object.keys(changes).filter(same));
}

/** A field before and after; a variable has its name, and no words when it is secret. */
export interface Difference {
  what: string;
  before: string | null;
  after: string | null;
  secret: boolean;
}

/** Gives what is different, in words for people: each changed variable and resource by itself. */
export function differences(job: JobDocument, changes: Readonly<Record<string, unknown>>): Difference[] {
  const all: Difference[] = [];
  for (const [key, after] of Object.entries(changes)) {
    const before = (job as unknown as Record<string, unknown>)[key];
    if (key === "sandbox") all.push(...files(job, after as Sandbox));
    else if (key === "environment" || key === "resources" || key === "attributes") {
      all.push(...inner(before as Record<string, unknown>, after as Record<string, unknown>, key === "environment"));
    } else all.push({ what: key.replaceAll("_", " "), before: shown(before), after: shown(after), secret: false });
  }
  return all;
}

function files(job: JobDocument, after: Sandbox): Difference[] {
  return WAYS.map((way) => ({ what: way.replace("_", " "), before: pairsShown(job.sandbox?.[way]), after: pairsShown(after[way]), secret: false })).filter(
    (each) => each.before !== each.after,
  );
}

function pairsShown(all: readonly Transfer[] = []): string | null {
  return all.length === 0 ? null : all.map((one) => `${quote(one.source)} → ${quote(one.target)}`).join("\n");
}

function inner(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>, isEnvironment: boolean): Difference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) => ({ what: isEnvironment ? key : key.replaceAll("_", " "), before: shown(before[key]), after: shown(after[key]), secret: isEnvironment && isSecret(key) }));
}

function shown(value: unknown): string | null {
  if (value === undefined || value === null || value === "") return null;
  if (Array.isArray(value)) return value.length === 0 ? null : quoteAll(value.map(String));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
