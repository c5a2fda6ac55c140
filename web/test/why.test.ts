import { describe, expect, it } from "vitest";

import type { JobDocument } from "../src/api/types";
import { fits, isPuzzling, partsOf, pauseBefore, schedulerOf, standing, staysOpen } from "../src/pages/job/why";

const T0 = Date.parse("2026-03-01T10:00:00Z");
const job = (changes: object = {}): JobDocument =>
  ({
    kind: "command",
    state: "queued",
    reason: null,
    attempt: 1,
    native_id: "77",
    cancel: null,
    created: "2026-03-01T10:00:00Z",
    queued: null,
    ...changes,
  }) as JobDocument;

describe("a job that has to be explained", () => {
  it("waits, stands still, cannot be asked for or has failed", () => {
    expect(isPuzzling(job({ state: "accepted", reason: "executor_down" }))).toBe(true);
    expect(isPuzzling(job())).toBe(true);
    expect(isPuzzling(job({ state: "running", reason: "suspended" }))).toBe(true);
    expect(isPuzzling(job({ state: "running", reason: "unreachable" }))).toBe(true);
    expect(isPuzzling(job({ state: "failed", reason: "signal" }))).toBe(true);
  });

  it("does not run, has not succeeded and was not cancelled", () => {
    expect(isPuzzling(job({ state: "running" }))).toBe(false);
    expect(isPuzzling(job({ state: "succeeded" }))).toBe(false);
    expect(isPuzzling(job({ state: "cancelled", reason: "by_user" }))).toBe(false);
  });

  it("runs here: of one that only reports nobody knows more, unless it has failed", () => {
    expect(isPuzzling(job({ kind: "report", state: "accepted" }))).toBe(false);
    expect(isPuzzling(job({ kind: "report", state: "failed" }))).toBe(true);
  });
});

describe("the question", () => {
  it("is asked again when state, reason, attempt or the wish to end change, and while the job goes on", () => {
    const before = standing(job());
    expect(standing(job({ name: "other" }))).toBe(before);
    for (const changes of [{ state: "failed" }, { reason: "held" }, { attempt: 2 }, { native_id: "78" }, { cancel: { by: "kim" } }]) {
      expect(standing(job(changes))).not.toBe(before);
    }
    expect(staysOpen(job())).toBe(true);
    expect(staysOpen(job({ state: "failed" }))).toBe(false);
  });

  it("waits a moment: most jobs begin at once", () => {
    expect(pauseBefore(job(), T0)).toBe(1500);
    expect(pauseBefore(job(), T0 + 1000)).toBe(500);
    expect(pauseBefore(job(), T0 + 60_000)).toBe(0);
    expect(pauseBefore(job({ queued: "2026-03-01T10:01:00Z" }), T0 + 60_500)).toBe(1000);
    expect(pauseBefore(job(), T0 - 3_600_000)).toBe(1500);
    expect(pauseBefore(job({ state: "failed" }), T0)).toBe(0);
  });

  it("has an answer for the job as it was then", () => {
    const told = { state: "queued", reason: null, attempt: 1 } as const;
    expect(fits(told, job())).toBe(true);
    expect(fits(told, job({ state: "running" }))).toBe(false);
    expect(fits(told, job({ reason: "held" }))).toBe(false);
    expect(fits(told, job({ attempt: 2 }))).toBe(false);
  });
});

describe("the scheduler", () => {
  it("is named where it has more to say", () => {
    expect(schedulerOf({ kind: "slurm", native_id: "77", cluster: "hpc" })).toBe("Slurm");
    expect(schedulerOf({ kind: "mine", native_id: "77", cluster: "hpc" })).toBe("hpc");
    expect(schedulerOf({ kind: "slurm", native_id: null, cluster: "hpc" })).toBeNull();
    expect(schedulerOf({ kind: "local", native_id: "1234", cluster: "local" })).toBeNull();
    expect(schedulerOf({ kind: "functions", native_id: "1234", cluster: "functions" })).toBeNull();
  });
});

describe("an advice", () => {
  const commands = (text: string): string[] => partsOf(text).flatMap((part) => (part.isCommand ? [part.text] : []));
  const whole = (text: string): string => partsOf(text).map((part) => part.text).join("");

  it("shows its commands as such, and loses no letter", () => {
    const less = "End it and submit it again with less: headway kill 42; headway clone 42 --set resources.memory=SIZE (or another of resources.*)";
    expect(commands(less)).toEqual(["headway kill 42", "headway clone 42 --set resources.memory=SIZE"]);
    expect(whole(less)).toBe(less);
    expect(commands("Release it: scontrol release 77")).toEqual(["scontrol release 77"]);
    expect(commands("When it is mended: qmod -cj 77; or end it: qdel 77")).toEqual(["qmod -cj 77", "qdel 77"]);
    expect(commands("Nothing of it is lost; headway doctor says how the cluster is.")).toEqual(["headway doctor"]);
    expect(commands("See which (headway jobs parent:1 state:failed), mend that: headway retry 1")).toEqual([
      "headway jobs parent:1 state:failed",
      "headway retry 1",
    ]);
    expect(commands("See what it wrote (headway logs 42), mend that, and run it again: headway retry 42")).toEqual([
      "headway logs 42",
      "headway retry 42",
    ]);
  });

  it("may have none", () => {
    expect(partsOf("Ask there.")).toEqual([{ text: "Ask there.", isCommand: false }]);
    expect(partsOf("")).toEqual([]);
  });
});
