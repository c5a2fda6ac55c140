// Jobs for tests: what is not given is as of a job that was just made.
import type { JobSummary } from "../src/api/types";

/** Gives a job by its number. */
export function job(number: number, rest: Partial<JobSummary> = {}): JobSummary {
  return {
    id: `id-${number}`,
    number,
    kind: "report",
    protocol: "rest",
    owner: "ada",
    project: null,
    parent: null,
    index: null,
    name: `job ${number}`,
    state: "accepted",
    reason: null,
    status_text: "",
    cancel: null,
    progress: null,
    workers: { count: 0, finished: 0, not_ok: 0, announced: null },
    children: {},
    exit_code: null,
    signal: null,
    error: null,
    labels: [],
    url: null,
    cluster: null,
    native_id: null,
    attempt: 1,
    created: "2026-01-01T00:00:00Z",
    queued: null,
    started: null,
    ended: null,
    updated: "2026-01-01T00:00:00Z",
    usage: null,
    expires: null,
    hidden: null,
    rev: 1,
    seq: number,
    ...rest,
  };
}
