import { describe, expect, test } from "vitest";

import { COLUMNS, fitting, template, type Choice } from "../src/pages/list/columns";
import { allowed, labelsOf } from "../src/pages/list/bulk";
import { firstLines } from "../src/pages/list/lines";
import { news } from "../src/pages/list/telling";
import { labelTerm, placed, termsOf, without } from "../src/pages/list/terms";
import { rangeOf, scrollFor } from "../src/pages/list/window";
import { etaS, etaWords, messageOf, nameOf, shares, sharesWords, spanS, workersWords } from "../src/pages/list/words";
import { toneOf } from "../src/parts/tone";
import { isStuck, remark } from "../src/parts/State";
import { merged } from "../src/state/order";
import { job } from "./jobs";

const AT = Date.parse("2026-01-01T00:10:00Z");

describe("what the list says of a job", () => {
  test("its name is what people see, without what would turn the line around", () => {
    expect(nameOf(job(7, { name: "a\u202eb" }))).toBe("a\ufffdb");
    expect(nameOf(job(7, { name: "  " }))).toBe("job 7");
    expect(nameOf(job(7, { name: "beam", index: 3 }))).toBe("beam [3]");
  });

  test.each([
    ["timeout", { signal: 15 }, "timeout"],
    ["out_of_memory", { signal: 9 }, "out of memory"],
    ["not_started", { exit_code: 127 }, "not started"],
    ["nonzero_exit", { exit_code: 3 }, "exit 3"],
    ["signal", { signal: 9 }, "signal 9"],
    ["staging_failed", { exit_code: 0 }, "files"],
  ])("why it failed, not by what it was ended: %s", (reason, how, words) => {
    expect(remark(job(1, { state: "failed", reason, ...how }))).toBe(words);
  });

  test("a job that waits in vain is marked, one that is held is not", () => {
    const stuck = job(1, { state: "queued", reason: "cannot_start" });
    expect([isStuck(stuck), remark(stuck)]).toEqual([true, "cannot start"]);
    expect(messageOf(stuck)).toContain("no waiting helps");
    expect(messageOf({ ...stuck, status_text: "warming up" })).toBe("warming up");
    expect(isStuck(job(1, { state: "queued", reason: "held" }))).toBe(false);
  });

  test("an estimate needs a start, some progress and an end to come", () => {
    const running = job(1, { state: "running", started: "2026-01-01T00:00:00Z", progress: 0.25 });
    expect(etaS(running, AT)).toBe(1800);
    expect(etaS({ ...running, progress: 0 }, AT)).toBeNull();
    expect(etaS({ ...running, progress: 1 }, AT)).toBeNull();
    expect(etaS({ ...running, state: "succeeded" }, AT)).toBeNull();
    expect(etaS(running, Date.parse("2026-01-01T00:00:01Z"))).toBeNull();
  });

  test.each([
    [0.2, "1 s"],
    [42, "42 s"],
    [80, "80 s"],
    [100, "2 min"],
    [3600, "60 min"],
    [9000, "3 h"],
    [200_000, "2 d"],
  ])("an estimate of %d s is said in one unit, %s", (seconds, words) => {
    expect(etaWords(seconds)).toBe(words);
  });

  test("how long it ran, runs or waits", () => {
    const times = { started: "2026-01-01T00:01:00Z", ended: "2026-01-01T00:03:00Z" };
    expect(spanS(job(1, times), AT)).toEqual({ seconds: 120, kind: "ran" });
    expect(spanS(job(1, { started: times.started }), AT)).toEqual({ seconds: 540, kind: "runs" });
    expect(spanS(job(1), AT)).toEqual({ seconds: 600, kind: "waits" });
    expect(spanS(job(1, { state: "cancelled" }), AT)).toBeNull();
  });

  test("how many of its workers have finished, when it has several", () => {
    const workers = { count: 3, finished: 2, not_ok: 0, announced: 20 };
    expect(workersWords(job(1, { workers }))).toBe("2/20");
    expect(workersWords(job(1, { workers: { ...workers, count: 1, announced: null } }))).toBe("");
  });

  test("its bar is of the colour of a problem as soon as a worker has one", () => {
    expect(toneOf(job(1))).toBe("ok");
    expect(toneOf(job(1, { workers: { count: 1, finished: 0, not_ok: 1, announced: null } }))).toBe("problem");
    expect(toneOf(job(1, { state: "cancelled" }))).toBe("stalled");
  });

  test("its parts are told in words, too", () => {
    const parts = shares(job(1, { children: { running: 3, succeeded: 1200, failed: 0 } }));
    expect(parts).toEqual([
      { state: "succeeded", n: 1200 },
      { state: "running", n: 3 },
    ]);
    expect(sharesWords(parts)).toBe("1,203 jobs in it: 1,200 succeeded, 3 running");
  });

  test("why it failed goes before what it said", () => {
    const failed = job(1, { status_text: "phase 2", error: { type: "exit", message: "no\n  such file" } });
    expect(messageOf(failed)).toBe("no such file");
    expect(messageOf({ ...failed, error: null })).toBe("phase 2");
    expect(messageOf(job(1, { reason: "staging_in" }))).toBe("bringing its files in");
    expect(messageOf(job(1, { reason: "staging_out", status_text: "phase 2" }))).toBe("phase 2");
  });
});

describe("the search as a text", () => {
  test.each([
    ["nightly", "label:nightly"],
    ["campaign-3", "label:campaign-3"],
    ["beam line 7", 'label:"beam line 7"'],
    ['a"b\\', 'label:"a\\"b\\\\"'],
    ["-x", 'label:"-x"'],
    ["AND", 'label:"AND"'],
  ])("a label %s is found by %s", (label, term) => {
    expect(labelTerm(label)).toBe(term);
  });

  test("its terms are split where blanks are outside quotation marks and brackets", () => {
    expect(termsOf('state:(failed cancelled) "two words" x')).toEqual(["state:(failed cancelled)", '"two words"', "x"]);
    expect(without("a b c", 1)).toBe("a c");
    expect(termsOf("")).toEqual([]);
  });

  test("the server's words say where it is wrong", () => {
    expect(placed("in the query, at character 3: a bracket is missing")).toEqual({ at: 2, words: "A bracket is missing" });
    expect(placed("too long")).toEqual({ at: null, words: "too long" });
  });

  test("labels come with commas between them, each once", () => {
    expect(labelsOf(" a, b ,,a")).toEqual(["a", "b"]);
  });
});

describe("rows in sight", () => {
  test("are a few more than fit, wherever one has scrolled to", () => {
    expect(rangeOf(0, 760, 38, 10_000)).toEqual({ from: 0, to: 30 });
    const middle = rangeOf(190_000, 760, 38, 10_000);
    expect(middle.from).toBeLessThanOrEqual(5000 - 6 + 4);
    expect(middle.to).toBeGreaterThanOrEqual(5020);
    expect(rangeOf(1e9, 760, 38, 10_000).to).toBe(10_000);
    expect(rangeOf(0, 760, 38, 3)).toEqual({ from: 0, to: 3 });
  });

  test("move only every few rows", () => {
    expect(rangeOf(3800, 760, 38, 10_000).from).toBe(rangeOf(3840, 760, 38, 10_000).from);
  });

  test("one that is out of sight is scrolled to", () => {
    expect(scrollFor(5, 0, 760, 38)).toBeNull();
    expect(scrollFor(100, 0, 760, 38)).toBe(102 * 38 - 760);
    expect(scrollFor(0, 500, 760, 38)).toBe(0);
  });
});

describe("columns", () => {
  const all: readonly Choice[] = COLUMNS.map((column) => ({ column, shown: true }));

  test("are all there where there is room", () => {
    expect(fitting(all, 2000, new Set())).toEqual(COLUMNS);
  });

  test("go one by one where there is none; state, name, progress and duration stay", () => {
    expect(fitting(all, 1265, new Set(["owner", "labels", "where"]))).not.toContain("started");
    expect(fitting(all, 300, new Set())).toEqual(["state", "name", "progress", "duration"]);
  });

  test("go first while they would say the same in every row", () => {
    expect(fitting(all, 1265, new Set(["where"]))).toEqual(COLUMNS.filter((each) => each !== "owner" && each !== "labels"));
    expect(fitting(all, 1265, new Set(["labels", "owner"]))).toEqual(COLUMNS.filter((each) => each !== "where"));
  });

  test("where all say something, where it runs is told on a usual screen, when it started is not", () => {
    const told = fitting(all, 1265, new Set(["owner", "labels", "where"]));
    expect([told.includes("where"), told.includes("started"), told.includes("message")]).toEqual([true, false, true]);
  });

  test("say something as soon as two rows differ", () => {
    const here = job(1, { owner: "ada", cluster: "local", native_id: "4711" });
    expect(news(here, here)).toEqual([]);
    expect(news(here, job(2, { owner: "bob", cluster: "local", labels: ["x"] }))).toEqual(["owner", "labels"]);
    expect(news(here, job(2, { owner: "ada", cluster: "slurm" }))).toEqual(["where"]);
    const there = job(3, { owner: "ada", cluster: "slurm", native_id: "77" });
    expect(news(there, there)).toEqual(["where"]);
  });

  test("have widths", () => {
    expect(template(["state", "duration"])).toBe("34px minmax(186px, 0.2fr) 96px");
  });
});

test("lists are merged in order", () => {
  const by = (a: number, b: number): number => b - a;
  expect(merged([9, 5, 1], [6, 10, 0], by)).toEqual([10, 9, 6, 5, 1, 0]);
  expect(merged([1], [], by)).toEqual([1]);
});

test("the first lines have the address in them, and a token where one is needed", () => {
  const lines = firstLines("https://hpc.example/user/ada", true);
  expect(lines).toHaveLength(6);
  expect(lines.every((line) => line.text.includes("https://hpc.example/user/ada"))).toBe(true);
  expect(lines[0]?.text).toContain("$HEADWAY_TOKEN");
});

describe("what is offered for many jobs", () => {
  test("is what the scopes of whoever looks allow", () => {
    expect(allowed(["read"])).toEqual([]);
    expect(allowed([])).toEqual([]);
    expect(allowed(["read", "report"])).toEqual(["cancel"]);
    expect(allowed(["read", "report", "run"])).toEqual(["cancel", "retry", "label", "hide"]);
    expect(allowed(["admin"])).toEqual(["cancel", "retry", "label", "hide"]);
  });

  test("is all while nobody knows who looks: the server refuses what may not be", () => {
    expect(allowed(undefined)).toHaveLength(4);
  });
});
