// A job's sandbox in words, and as options of `headway submit`. Pure.
import type { JobDocument, Sandbox, Transfer } from "../api/types";
import { duration } from "./format";
import { say } from "./job";
import { quote } from "./shell";

/** An option is parted at its first `=`: what stands before it must have none. */
const canBeSaid = (one: Transfer): boolean => !one.source.includes("=");

/** Gives the options that ask for a sandbox, as far as there are some; none where they would not make one. */
export function stagingOptions(sandbox: Sandbox | null): string[] {
  if (sandbox === null) return [];
  const option = (name: string) => (one: Transfer): string => `${name} ${quote(`${one.source}=${one.target}`)}`;
  return [
    ...(sandbox.stage_in ?? []).filter(canBeSaid).map(option("--stage-in")),
    ...(sandbox.stage_out ?? []).filter(canBeSaid).map(option("--stage-out")),
    ...(sandbox.delete === "never" ? ["--keep-sandbox"] : []),
  ];
}

/** Names what of a sandbox there is no option for. */
export function stagingLeftOut(sandbox: Sandbox | null): string[] {
  if (sandbox === null) return [];
  if (stagingOptions(sandbox).length === 0) return ["sandbox"];
  const unsaid = (name: string, all: readonly Transfer[] = []): string[] => all.filter((one) => !canBeSaid(one)).map((one) => `${name} ${one.source}`);
  const others = (["stdout", "stderr"] as const).filter((key) => sandbox[key] !== undefined && sandbox[key] !== null);
  return [
    ...unsaid("stage_in", sandbox.stage_in),
    ...unsaid("stage_out", sandbox.stage_out),
    ...others.map((key) => `sandbox.${key}`),
    ...(sandbox.delete === "always" ? ["sandbox.delete"] : []),
    ...(sandbox.keep_s ? ["sandbox.keep_s"] : []),
  ];
}

type Ended = Pick<JobDocument, "state" | "reason" | "started">;

/** Says what becomes of a job's sandbox; null for one that there never was. */
export function fateWords(sandbox: Sandbox, job: Ended): string | null {
  if (job.reason === "staging_failed" && job.started === null) return null;
  if (job.reason === "staging_failed") return say("staging.fate_unfetched");
  if (job.reason === "lost") return say("staging.fate_lost");
  const when = sandbox.delete ?? "on_success";
  if (when === "never") return say("staging.fate_never");
  return sandbox.keep_s ? say(`staging.fate_${when}_later`, { t: duration(sandbox.keep_s) }) : say(`staging.fate_${when}`);
}

/** Whether a job was ended before it could end by itself: nothing is fetched then. */
export function wasCutShort(job: Ended): boolean {
  return job.state === "cancelled" || (job.state === "failed" && job.reason === "timeout");
}
