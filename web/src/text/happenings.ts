// An event of a job in a sentence. Pure.
import type { JobEvent } from "../api/types";
import { exitWords, reasonWords } from "./endings";

type Data = Readonly<Record<string, unknown>>;

const words = (value: unknown): string =>
  typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);
const number = (value: unknown): number | null => (typeof value === "number" ? value : null);

function because(data: Data): string {
  const exit = exitWords({ exit_code: number(data["exit_code"]), signal: number(data["signal"]) });
  const reason = typeof data["reason"] === "string" ? reasonWords(data["reason"]) : "";
  const parts = [exit ?? "", exit !== null && ["nonzero_exit", "signal"].includes(words(data["reason"])) ? "" : reason];
  return [...parts, words(data["message"])].filter((part) => part !== "").join(", ");
}

const TABLE: Readonly<Record<string, (data: Data) => [string, string]>> = {
  "job.accepted": () => ["Accepted", ""],
  "job.queued": (data) => ["Queued", because(data)],
  "job.running": (data) => ["Running", because(data)],
  "job.succeeded": (data) => ["Succeeded", because(data)],
  "job.failed": (data) => ["Failed", because(data)],
  "job.cancelled": (data) => ["Cancelled", because(data)],
  "job.corrected": (data) => ["Its end was corrected", because(data)],
  "job.reopened": () => ["Reopened: a report came after its end", ""],
  "job.superseded": (data) => ["Another job took its name", words(data["by"])],
  "job.requeued": (data) => [`Tried again: attempt ${words(data["attempt"])}`, because({ reason: data["reason"] })],
  "job.cancel_requested": () => ["Its end was asked for", ""],
  "job.reason": (data) => ["The reason changed", because(data) || "none any more"],
  "job.status": (data) => ["It said", words(data["text"])],
  "job.labels": (data) => ["Labels are now", Array.isArray(data["labels"]) ? data["labels"].map(words).join(", ") || "none" : ""],
  "job.counters": (data) => ["Counters were published", Array.isArray(data["keys"]) ? data["keys"].map(words).join(", ") : ""],
  "job.result": (data) => ["Its results changed", Array.isArray(data["extra"]) ? data["extra"].map(words).join(", ") : ""],
  "job.native": (data) => ["Its cluster knows it", [data["native_id"], data["native_state"]].map(words).filter(Boolean).join(", ")],
  "job.hidden": (data) => [data["hidden"] === false ? "Shown in lists again" : "Left out of lists", ""],
  "job.callback_dead": (data) => ["A callback was given up", placed(data["callback"])],
  "job.callback_replayed": (data) => ["A callback is told again", placed(data["callback"])],
  "job.callback_dropped": (data) => ["A callback was dropped", placed(data["callback"])],
  "job.expired": () => ["Retention dropped its workers", ""],
};

/** Says what happened, and the words that came with it. */
export function happening(event: JobEvent): { what: string; more: string } {
  const row = TABLE[event.type];
  const [what, more] = row?.(event.data) ?? [event.type.replace(/^job\./, "").replaceAll("_", " "), rest(event.data)];
  return { what, more };
}

/** Names a callback as a person counts. */
function placed(place: unknown): string {
  return typeof place === "number" ? `callback ${place + 1}` : "";
}

function rest(data: Data): string {
  return Object.keys(data).length === 0 ? "" : JSON.stringify(data);
}
