import { describe, expect, it } from "vitest";

import type { Attempt, JobDocument, JobEvent, Sandbox } from "../src/api/types";
import { changesOf, differences, formOf, Unusable } from "../src/pages/job/clone";
import { exactly, numberWords, safeColour } from "../src/pages/job/numbers";
import { sorted } from "../src/pages/job/order";
import { html, markdown, snippets } from "../src/pages/job/snippets";
import { marks, spansOf } from "../src/pages/job/spans";
import type { Seen } from "../src/state/job";
import { exitWords, whyLine, whyWords } from "../src/text/endings";
import { happening } from "../src/text/happenings";
import { isSecret, MASK } from "../src/text/secret";
import { fateWords } from "../src/text/staging";

const T0 = Date.parse("2026-03-01T10:00:00Z");
const at = (s: number): string => new Date(T0 + s * 1000).toISOString();

describe("why a job is as it is", () => {
  const of = (changes: object): string =>
    whyWords({ state: "failed", reason: null, exit_code: null, signal: null, cancel: null, error: null, ...changes } as JobDocument);

  it("is said in words", () => {
    expect(of({ reason: "nonzero_exit", exit_code: 3 })).toBe("exit code 3");
    expect(of({ reason: "signal", signal: 9 })).toBe("signal 9 (SIGKILL)");
    expect(of({ reason: "timeout", signal: 15 })).toBe("it ran into its wall-time limit: signal 15 (SIGTERM)");
    expect(of({ reason: "lost" })).toBe("it was lost: how it ended is not known");
    expect(of({ state: "accepted", reason: "executor_down" })).toBe("its cluster does not answer");
    expect(of({ state: "succeeded", exit_code: 0 })).toBe("");
    expect(of({ state: "cancelled", reason: "by_user", cancel: { by: "ada" } })).toBe("by ada");
    expect(of({ state: "running", cancel: { by: "ada" } })).toBe("ada asked for its end");
    expect(of({ state: "accepted", reason: "staging_in" })).toBe("its files are being brought into its sandbox");
    expect(of({ state: "running", reason: "staging_out" })).toBe("its results are being fetched from its sandbox");
    expect(of({ reason: "staging_failed" })).toBe("not all its files could be copied");
    expect(of({ reason: "staging_failed", exit_code: 0 })).toBe("exit code 0, but not all its results could be fetched");
    expect(of({ reason: "brand_new_reason" })).toBe("brand new reason");
  });

  it("knows signals by name, and others by number", () => {
    expect(exitWords({ exit_code: null, signal: 11 })).toBe("signal 11 (SIGSEGV)");
    expect(exitWords({ exit_code: null, signal: 64 })).toBe("signal 64");
    expect(exitWords({ exit_code: null, signal: null })).toBeNull();
  });

  it("is said with what stood in the way", () => {
    const line = (changes: object): string =>
      whyLine({ state: "failed", reason: null, exit_code: null, signal: null, cancel: null, error: null, ...changes } as JobDocument);
    const error = { type: "", message: "x.csv: there is no such file", traceback: "" };
    expect(line({ reason: "not_started", error })).toBe("it could not be started: x.csv: there is no such file");
    expect(line({ reason: "staging_failed", exit_code: 0, error })).toBe(
      "exit code 0, but not all its results could be fetched: x.csv: there is no such file",
    );
    expect(line({ reason: "nonzero_exit", exit_code: 3, error })).toBe("exit code 3");
    expect(line({ reason: "not_started", error: { ...error, message: "x".repeat(900) } })).toHaveLength("it could not be started: ".length + 301);
    expect(line({ state: "succeeded", exit_code: 0 })).toBe("");
  });
});

describe("an event", () => {
  const of = (type: string, data: object): object => happening({ type, data } as JobEvent);

  it("is a sentence", () => {
    expect(of("job.failed", { reason: "nonzero_exit", exit_code: 3 })).toEqual({ what: "Failed", more: "exit code 3" });
    expect(of("job.failed", { reason: "not_started", message: "no such file" })).toEqual({
      what: "Failed",
      more: "it could not be started, no such file",
    });
    expect(of("job.status", { text: "phase 2" })).toEqual({ what: "It said", more: "phase 2" });
    expect(of("job.requeued", { attempt: 2 })).toEqual({ what: "Tried again: attempt 2", more: "" });
    expect(of("job.hidden", { hidden: false })).toEqual({ what: "Shown in lists again", more: "" });
  });

  it("that is not known yet is told as it is", () => {
    expect(of("job.moved_house", { to: "there" })).toEqual({ what: "moved house", more: '{"to":"there"}' });
  });
});

describe("a variable's name", () => {
  it("tells whether its value is for everybody's eyes", () => {
    const names = ["API_TOKEN", "aws_secret_access_key", "DB_PASSWORD", "PGPASSWORD", "SSH_KEY", "HEADWAY_TOKEN_FILE"];
    expect(names.every(isSecret)).toBe(true);
    expect(["PATH", "OMP_NUM_THREADS", "HOME", "LANG"].some(isSecret)).toBe(false);
  });
});

describe("a counter", () => {
  it("has only colours that are surely colours", () => {
    expect(["#3b7dd8", "#ABC", "green", " Red "].map(safeColour)).toEqual(["#3b7dd8", "#abc", "green", "red"]);
    for (const text of ["red;x:url(//y)", "url(x)", "#12", "var(--x)", "rgb(1,2,3)", "", "inherit", "expression(1)"]) {
      expect(safeColour(text)).toBeNull();
    }
  });

  it("has numbers that can be read", () => {
    expect([1288231, 0.00123, 0, -5, 1e20, 2.5e-9, 3.14159265].map(numberWords)).toEqual([
      "1,288,231",
      "0.00123",
      "0",
      "-5",
      "1e+20",
      "2.5e-9",
      "3.14159",
    ]);
    expect([12, 1500, 61_000].map(exactly)).toEqual(["12 ms", "1.5 s", "1 min 01 s"]);
  });
});

describe("workers", () => {
  const worker = (id: string, changes: Partial<Seen>): Seen => ({ id, ok: true, stalled: false, finished: false, fraction: 0, eta_s: null, ...changes }) as Seen;
  const all = [
    worker("rank 10", { fraction: 0.5, eta_s: 5 }),
    worker("rank 2", { fraction: 0.9, eta_s: 50 }),
    worker("rank 1", { fraction: 1, finished: true }),
    worker("rank 3", { fraction: 0.2, ok: false }),
    worker("rank 4", { fraction: 0.3, stalled: true }),
  ];
  const ids = (order: Parameters<typeof sorted>[1]): string[] => sorted(all, order).map(({ id }) => id.slice(5));

  it("come by name as people count, by progress, or the slowest first", () => {
    expect(ids("name")).toEqual(["1", "2", "3", "4", "10"]);
    expect(ids("progress")).toEqual(["1", "2", "10", "4", "3"]);
    expect(ids("slowest")).toEqual(["3", "4", "2", "10", "1"]);
  });
});

describe("a life to scale", () => {
  const base = { created: at(0), queued: at(2), started: at(5), ended: at(65), state: "failed", attempt: 1, attempts: [] as Attempt[] };

  it("has a span for each phase", () => {
    expect(spansOf(base as unknown as JobDocument, [])).toEqual([
      { phase: "accepted", attempt: 1, begin: T0, end: T0 + 2000, outcome: null },
      { phase: "queued", attempt: 1, begin: T0 + 2000, end: T0 + 5000, outcome: null },
      { phase: "running", attempt: 1, begin: T0 + 5000, end: T0 + 65_000, outcome: "failed" },
    ]);
  });

  it("goes on while the job does", () => {
    const waiting = { ...base, queued: null, started: null, ended: null, state: "accepted" };
    expect(spansOf(waiting as unknown as JobDocument, [])).toEqual([
      { phase: "accepted", attempt: 1, begin: T0, end: null, outcome: null },
    ]);
  });

  it("has each attempt, and what was between", () => {
    const first = { no: 1, sent: at(1), started: at(2), ended: at(10), exit_code: 1, signal: null, state: null };
    const job = { ...base, attempt: 2, queued: null, started: at(31), ended: null, state: "running", attempts: [first] };
    const requeued = { type: "job.requeued", time: at(30), data: { attempt: 2 } } as unknown as JobEvent;
    const spans = spansOf(job as unknown as JobDocument, [requeued]);
    expect(spans.map(({ attempt, phase, begin, end, outcome }) => [attempt, phase, (begin - T0) / 1000, end && (end - T0) / 1000, outcome])).toEqual([
      [1, "accepted", 0, 1, null],
      [1, "queued", 1, 2, null],
      [1, "running", 2, 10, "failed"],
      [1, "between", 10, 30, null],
      [2, "accepted", 30, 31, null],
      [2, "running", 31, null, null],
    ]);
  });

  it("has marks at its beginning and its end, and even ones between", () => {
    const words = (wholeMs: number, most = 6): string[] => marks(wholeMs, most).map((mark) => mark.words);
    expect(words(65_000)).toEqual(["0 s", "15 s", "30 s", "45 s", "1 min 05 s"]);
    expect(words(2_300)).toEqual(["0 s", "0.5 s", "1.0 s", "1.5 s", "2.3 s"]);
    expect(words(210)).toEqual(["0 ms", "50 ms", "100 ms", "150 ms", "210 ms"]);
    expect(words(210, 3)).toEqual(["0 ms", "100 ms", "210 ms"]);
    expect(words(1)).toEqual(["0 ms", "1 ms"]);
    expect(words(7200_000, 3)).toEqual(["0 s", "1 h 00 min", "2 h 00 min"]);
    expect(marks(1e12, 6).length).toBeLessThanOrEqual(8);
  });
});

describe("a snippet for another page", () => {
  const name = `"><script>x</script> [a](b) \`c\``;

  it("keeps a name from being markup", () => {
    expect(html(name)).not.toMatch(/[<>"]/);
    expect(markdown(name)).toContain("\\[a\\]\\(b\\)");
    const ways = snippets(name, "http://h/j/1", "http://h/p?x=(1)&y=2");
    expect(ways.markdown.endsWith("](http://h/p?x=%281%29&y=2)](http://h/j/1)")).toBe(true);
    expect(ways.html).toContain('src="http://h/p?x=(1)&amp;y=2"');
    expect(ways.url).toBe("http://h/p?x=(1)&y=2");
  });
});

describe("a sandbox", () => {
  const of = (sandbox: Sandbox, changes: object = {}): string | null =>
    fateWords(sandbox, { state: "succeeded", reason: null, started: at(0), ...changes } as JobDocument);

  it("has words for what becomes of it", () => {
    expect(of({})).toContain("when the job has succeeded, and stays");
    expect(of({ keep_s: 3600 })).toContain("deleted 1 h 00 min after the job has succeeded");
    expect(of({ delete: "always" })).toContain("when the job has ended");
    expect(of({ delete: "always", keep_s: 60 })).toContain("deleted 1 min 00 s after");
    expect(of({ delete: "never", keep_s: 60 })).toBe("It stays as long as the job is remembered.");
  });

  it("stays when not all could be fetched from it, and never was when not all could be brought", () => {
    expect(of({ delete: "always" }, { state: "failed", reason: "staging_failed" })).toContain("not all results");
    expect(of({ delete: "always" }, { state: "failed", reason: "lost" })).toContain("It stays");
    expect(of({}, { state: "failed", reason: "staging_failed", started: null })).toBeNull();
  });

  it("is told from in a clone, and goes along with what is not in the form", () => {
    const sandbox: Sandbox = { stage_in: [{ source: "/a b", target: "x" }], stage_out: [{ source: "y", target: "/c=d" }], stdout: "/log", keep_s: 5 };
    const job = { name: "", command: ["true"], directory: null, sandbox, environment: {}, labels: [], resources: {}, attributes: { total_duration: 90 } } as unknown as JobDocument;
    const form = formOf(job);
    expect([form.stage_in, form.stage_out, form.total_duration]).toEqual(["'/a b' x", "y /c=d", "90"]);
    expect(changesOf(job, form)).toEqual({});
    const more = changesOf(job, { ...form, stage_in: "'/a b' z\n/e f", total_duration: "" });
    expect(more).toEqual({
      sandbox: { ...sandbox, stage_in: [{ source: "/a b", target: "z" }, { source: "/e", target: "f" }] },
      attributes: {},
    });
    expect(differences(job, more).map(({ what, before, after }) => [what, before, after])).toEqual([
      ["stage in", "'/a b' → x", "'/a b' → z\n/e → f"],
      ["total duration", "90", null],
    ]);
    expect(() => changesOf(job, { ...form, stage_out: "y" })).toThrow(Unusable);
  });
});

describe("a clone", () => {
  const job = {
    name: "first",
    command: ["sh", "-c", "echo 'x'"],
    directory: "/data",
    environment: { A: "1 2", API_KEY: "hush" },
    labels: ["a b", "c"],
    resources: { node_count: 2, memory: 4 * 1024 ** 3, exclusive_node_use: true },
    attributes: { duration: 600, custom_attributes: { x: "y" } },
  } as unknown as JobDocument;
  const form = formOf(job);

  it("shows no secret, and changes nothing by itself", () => {
    expect(form.environment).toBe(`'A=1 2'\n'API_KEY=${MASK}'`);
    expect(changesOf(job, form)).toEqual({});
    expect(changesOf(job, { ...form, command: "'sh'  -c  \"echo 'x'\"" })).toEqual({});
  });

  it("sends what was changed, whole, with the masked secrets as they were", () => {
    expect(changesOf(job, { ...form, environment: `${form.environment}\nB=3` })).toEqual({
      environment: { A: "1 2", API_KEY: "hush", B: "3" },
    });
    expect(changesOf(job, { ...form, nodes: "3", memory: "8G" })).toEqual({
      resources: { node_count: 3, memory: "8G", exclusive_node_use: true },
    });
    expect(changesOf(job, { ...form, duration: "01:00:00", queue: "long" })).toEqual({
      attributes: { duration: "01:00:00", queue_name: "long", custom_attributes: { x: "y" } },
    });
    expect(changesOf(job, { ...form, directory: "", labels: "c d", name: "" })).toEqual({ directory: null, labels: ["c", "d"], name: "" });
  });

  it("says which field cannot be used", () => {
    for (const [field, value] of [["command", "'open"], ["environment", "novalue"], ["nodes", "two"], ["nodes", "0"]] as const) {
      expect(() => changesOf(job, { ...form, [field]: value })).toThrow(Unusable);
    }
  });

  it("tells each difference, but no secret", () => {
    const changes = changesOf(job, { ...form, name: "second", environment: "A=2\nAPI_KEY=new", nodes: "" });
    expect(differences(job, changes)).toEqual([
      { what: "name", before: "first", after: "second", secret: false },
      { what: "A", before: "1 2", after: "2", secret: false },
      { what: "API_KEY", before: "hush", after: "new", secret: true },
      { what: "node count", before: "2", after: null, secret: false },
    ]);
  });
});
