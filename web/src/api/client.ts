// Requests to the native protocol.
import { at } from "../app/root";
import type { Problem } from "./types";

const API = "api/v1/";

/** The signed link that the present page was opened with, if any: it is what lets us read. */
const link = new URLSearchParams(location.search).get("link");

/** A request that the server refused, in its own words. */
export class Refused extends Error {
  readonly status: number;
  readonly problem: Partial<Problem>;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? `the server answered ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/** No server answered. */
export class Unreachable extends Error {}

export type Parameters = Record<string, string | number | boolean | readonly string[] | null | undefined>;

/** Gives the address of a path of the native protocol; values that are null, undefined or empty are left out. */
export function address(path: string, parameters: Parameters = {}): string {
  const url = new URL(at(API + path));
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null || value === undefined || value === "") continue;
    if (Array.isArray(value)) for (const each of value as readonly string[]) url.searchParams.append(name, each);
    else url.searchParams.set(name, String(value));
  }
  if (link) url.searchParams.set("link", link);
  return url.href;
}

interface Options {
  parameters?: Parameters;
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** Asks and decodes the answer's JSON; null for an answer without a body. */
export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const text = await callText(method, path, options);
  return (text === "" ? null : JSON.parse(text)) as T;
}

/** Asks; gives the answer as it is. */
export async function callText(method: string, path: string, options: Options = {}): Promise<string> {
  const init: RequestInit = { method, credentials: "same-origin", headers: { Accept: "application/json", ...options.headers } };
  if (options.signal) init.signal = options.signal;
  if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
    init.headers = { ...init.headers, "Content-Type": "application/json" };
  }
  let answer: Response;
  try {
    answer = await fetch(address(path, options.parameters), init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable("the server does not answer");
  }
  const text = await answer.text();
  if (!answer.ok) throw new Refused(answer.status, problemOf(text));
  return text;
}

export const get = <T>(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<T> =>
  call<T>("GET", path, { ...(parameters && { parameters }), ...(signal && { signal }) });

export const post = <T>(path: string, body?: unknown, parameters?: Parameters): Promise<T> =>
  call<T>("POST", path, { body: body ?? {}, ...(parameters && { parameters }) });

export const put = <T>(path: string, body: unknown): Promise<T> => call<T>("PUT", path, { body });

export const patch = <T>(path: string, body: unknown): Promise<T> => call<T>("PATCH", path, { body });

export const remove = <T>(path: string): Promise<T> => call<T>("DELETE", path);

function problemOf(text: string): Partial<Problem> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Partial<Problem>) : {};
  } catch {
    return {};
  }
}
