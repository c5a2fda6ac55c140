import { describe, expect, it } from "vitest";

import type { JobDocument } from "../src/api/types";
import { canBeCopied, cliFor, curlFor, leftOut, memoryText, python, pythonFor, secretsOf, submissionOf } from "../src/text/recipes";
import { quote, quoteAll, split, Unclosed } from "../src/text/shell";

const HOSTILE = [
  "",
  " ",
  "plain-word_1.2:/x@y%z+,=",
  "it's",
  "''",
  '"double"',
  "$HOME `id` $(id) !! ~ * ? [a] {a,b}",
  "; rm -rf / & | > < # \\",
  "line\nline",
  "tab\there",
  "esc\u001b[31m\u0003\u007f",
  "\u202eright to left",
  "\u001b1",
  "\u00851",
  "ünïcödé 😀",
  "-n",
  "--",
  "end\\",
  "'\u001b'",
];

describe("a word for a shell", () => {
  it("is left as it is when nothing in it means anything", () => {
    expect(quote("plain-word_1.2:/x@y%z+,=")).toBe("plain-word_1.2:/x@y%z+,=");
  });

  it("is quoted so that nothing is expanded", () => {
    expect(quote("")).toBe("''");
    expect(quote("it's")).toBe("'it'\\''s'");
    expect(quote("$(id)")).toBe("'$(id)'");
    expect(quote("a\nb")).toBe("'a\nb'");
    expect(quote("\u001b1'\\")).toBe("$'\\0331\\'\\\\'");
    expect(quote("\u202e")).toBe("$'\\342\\200\\256'");
  });

  it("holds nothing that a terminal obeys", () => {
    for (const word of HOSTILE) expect(quote(word)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  it("comes back as it was", () => {
    for (const word of HOSTILE) expect(split(quote(word))).toEqual([word]);
    expect(split(quoteAll(HOSTILE))).toEqual(HOSTILE);
  });
});

describe("a line of shell words", () => {
  it("is parted as a shell would, with nothing expanded", () => {
    expect(split("  make  -j8 'a b'\"c d\"e\\ f  ")).toEqual(["make", "-j8", "a bc de f"]);
    expect(split("echo $HOME *.txt; ls")).toEqual(["echo", "$HOME", "*.txt;", "ls"]);
    expect(split("a \\\n b")).toEqual(["a", "b"]);
    expect(split("'' \"\"")).toEqual(["", ""]);
    expect(split('"a\\"b\\$c\\d"')).toEqual(['a"b$c\\d']);
    expect(split("$'a\\n\\x41\\101\\e'")).toEqual(["a\nAA\u001b"]);
    expect(split("")).toEqual([]);
  });

  it("is refused when a quote is not closed", () => {
    for (const text of ["'a", '"a', "$'a", "a\\"]) expect(() => split(text)).toThrow(Unclosed);
  });
});

function job(changes: Partial<JobDocument>): JobDocument {
  return {
    kind: "command",
    name: "",
    labels: [],
    command: ["true"],
    directory: null,
    environment: {},
    inherit_environment: true,
    stdin_path: null,
    resources: {},
    attributes: {},
    inputs: {},
    extra: {},
    cluster: null,
    url: null,
    parent: null,
    worker_count: null,
    max_age_s: null,
    will_finish: false,
    ...changes,
  } as JobDocument;
}

const FULL = job({
  name: "it's",
  labels: ["a b"],
  command: ["sh", "-c", "echo 'x' \"$1\"", "sh", "$(id)"],
  directory: "/data/run 1",
  environment: { OMP_NUM_THREADS: "4", API_TOKEN: "hush" },
  resources: { node_count: 2, memory: 4 * 1024 ** 3, exclusive_node_use: true },
  attributes: { duration: 90, queue_name: "short", reservation_id: "day", custom_attributes: { "slurm.constraint": "gpu" } },
  cluster: "local",
});

describe("a job to run again", () => {
  it("has the lines of a function, and is not offered where they are not all known", () => {
    const lines = { pickled_bytes: 0, source: "return 1", shell: "", rerun: 2 };
    const known = job({ kind: "function", command: [], function: lines });
    expect(submissionOf(known, false)).toEqual({ function: { source: "return 1", rerun: 2 } });
    expect(canBeCopied(known)).toBe(true);
    expect(canBeCopied(job({ function: { ...lines, pickled_bytes: 9, source: "" } }))).toBe(false);
    expect(canBeCopied(FULL)).toBe(true);
  });

  it("leaves out secrets, and says so, unless they are asked for", () => {
    expect(submissionOf(FULL, false)["environment"]).toEqual({ OMP_NUM_THREADS: "4" });
    expect(submissionOf(FULL, true)["environment"]).toEqual({ OMP_NUM_THREADS: "4", API_TOKEN: "hush" });
    expect(secretsOf(FULL)).toEqual(["API_TOKEN"]);
  });

  it("is a command of headway", () => {
    expect(cliFor(FULL)?.split(" \\\n  ")).toEqual([
      "headway submit",
      "--name 'it'\\''s'",
      "--label 'a b'",
      "--cluster local",
      "--directory '/data/run 1'",
      "--environment OMP_NUM_THREADS=4",
      "--duration 90s",
      "--nodes 2",
      "--memory 4G",
      "--queue short",
      "--reservation day",
      "--exclusive",
      "--native slurm.constraint=gpu",
      "-- sh -c 'echo '\\''x'\\'' \"$1\"' sh '$(id)'",
    ]);
    expect(leftOut(FULL)).toEqual([]);
    expect(cliFor(job({ kind: "report" }))).toBeNull();
  });

  it("brings its sandbox along, and runs in no other directory", () => {
    const sandbox = {
      stage_in: [{ source: "/data/it's here.csv", target: "in.csv" }],
      stage_out: [{ source: "out", target: "/data/a=b" }],
      delete: "never" as const,
    };
    const staged = job({ sandbox, attributes: { total_duration: 90 } });
    expect(submissionOf(staged, false)).toEqual({ command: ["true"], sandbox, attributes: { total_duration: 90 } });
    expect(submissionOf({ ...staged, directory: "/elsewhere" }, false)).not.toHaveProperty("directory");
    expect(cliFor(staged)?.split(" \\\n  ")).toEqual([
      "headway submit",
      "--stage-in '/data/it'\\''s here.csv=in.csv'",
      "--stage-out out=/data/a=b",
      "--keep-sandbox",
      "--total-duration 90s",
      "-- true",
    ]);
    expect(leftOut(staged)).toEqual([]);
    expect(pythonFor(staged, "x")).toContain('sandbox={\n');
    expect(JSON.parse(split(curlFor(staged, "x")).find((word) => word.startsWith("{")) ?? "")["sandbox"]).toEqual(sandbox);
  });

  it("says what of its sandbox the command line cannot ask for", () => {
    const sandbox = {
      stage_in: [{ source: "/data/a=b", target: "ab" }],
      stage_out: [{ source: "out", target: "/data/out" }],
      stdout: "/data/stdout.txt",
      keep_s: 60,
      delete: "always" as const,
    };
    const staged = job({ sandbox });
    expect(cliFor(staged)).toBe("headway submit \\\n  --stage-out out=/data/out \\\n  -- true");
    expect(leftOut(staged)).toEqual(["stage_in /data/a=b", "sandbox.stdout", "sandbox.delete", "sandbox.keep_s"]);
    const only = job({ sandbox: { stdout: "/data/stdout.txt" } });
    expect(cliFor(only)).toBe("headway submit \\\n  --own-directory \\\n  -- true");
    expect(leftOut(only)).toEqual(["sandbox"]);
  });

  it("is a body of curl that a shell gives on as it is", () => {
    const text = curlFor(FULL, "http://127.0.0.1:9998/api/v1/");
    const words = split(text);
    expect(words.slice(-1)).toEqual(["http://127.0.0.1:9998/api/v1/jobs"]);
    expect(JSON.parse(words[words.indexOf("--data-binary") + 1] ?? "")).toEqual(submissionOf(FULL, false));
  });

  it("is a program in Python", () => {
    const text = pythonFor(FULL, "http://127.0.0.1:9998");
    expect(text).toContain('["sh", "-c", "echo \'x\' \\"$1\\"", "sh", "$(id)"],');
    expect(text).toContain('resources={"node_count": 2, "memory": 4294967296, "exclusive_node_use": True},');
    expect(pythonFor(job({ kind: "report", command: [] }), "x")).toContain("headway.submit_report(");
  });

  it("writes values as Python does", () => {
    expect(python(null, 0)).toBe("None");
    expect(python([true, false, 1.5, "a\u001b\u202e"], 0)).toBe('[True, False, 1.5, "a\\u001b\\u202e"]');
    expect(python({ a: { b: [] } }, 0)).toBe('{"a": {"b": []}}');
  });

  it("has memory in the largest unit that is exact", () => {
    expect([1024 ** 4, 1536 * 1024 ** 2, 1000, undefined].map(memoryText)).toEqual(["1T", "1536M", "1000", ""]);
  });
});
