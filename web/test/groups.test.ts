import { expect, test } from "vitest";

import type { JobSummary, State } from "../src/api/types";
import { mayChange } from "../src/pages/groups/acting";
import type { Tree } from "../src/pages/groups/documents";
import { countsOf, inOrder, jobsOf, queryOf, rowsOf, safeUrl } from "../src/pages/groups/tree";
import { jobsWords } from "../src/text/groups";

const group = (id: string) => ({ id, name: id, url: null, is_root: false, loose: null, states: {} });
const TREE: Tree = {
  groups: ["top", "left", "right", "low"].map(group),
  places: [
    { group: "top", kind: "group", id: "left" },
    { group: "top", kind: "group", id: "right" },
    { group: "top", kind: "job", id: "1" },
    { group: "left", kind: "group", id: "low" },
    { group: "right", kind: "group", id: "low" },
    { group: "low", kind: "group", id: "gone" },
    { group: "low", kind: "group", id: "lowest" },
  ],
  is_whole: true,
};
TREE.groups.push(group("lowest"));

test("all below the top has rows, and what is in two others comes twice, with what is below it once", () => {
  const rows = rowsOf(TREE, new Set());
  expect(rows.map(({ group: { id }, parent, depth, isAgain }) => [id, parent.id, depth, isAgain])).toEqual([
    ["left", "top", 0, false],
    ["low", "left", 1, false],
    ["lowest", "low", 2, false],
    ["right", "top", 0, false],
    ["low", "right", 1, true],
  ]);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
});

test("what is below a folded group is not shown there", () => {
  const shown = (...folded: string[]) => rowsOf(TREE, new Set(folded)).map((row) => row.group.id);
  expect(shown("left")).toEqual(["left", "right", "low", "lowest"]);
  expect(shown("left", "low")).toEqual(["left", "right", "low"]);
  expect(rowsOf({ groups: [], places: [], is_whole: true }, new Set())).toEqual([]);
});

test("jobs that somebody may have to look after come first, the newest of them before others", () => {
  const states: State[] = ["succeeded", "failed", "running", "cancelled", "queued", "running"];
  const jobs = states.map((state, number) => ({ number, state }) as JobSummary);
  expect(inOrder(jobs).map((job) => job.number)).toEqual([5, 2, 4, 1, 3, 0]);
});

test("a group's jobs are counted, and those that have not ended", () => {
  expect(countsOf({ succeeded: 3, running: 2, accepted: 1, failed: 1 })).toEqual({ all: 7, live: 3 });
  expect(countsOf({})).toEqual({ all: 0, live: 0 });
});

test("jobs are typed with what people put between numbers", () => {
  expect(jobsOf(" 12, #13\n12 01a2-b ")).toEqual(["12", "13", "01a2-b"]);
  expect(jobsOf("  ")).toEqual([]);
});

test("whoever may only read changes nothing", () => {
  expect([undefined, ["read"], ["read", "report"], []].map(mayChange)).toEqual([true, false, true, false]);
});

test("a query names a group whatever its id is", () => {
  expect(queryOf('a "b" \\ c')).toBe('group:"a \\"b\\" \\\\ c"');
});

test("only addresses of the web may be followed", () => {
  expect(safeUrl("javascript:alert(1)", "http://here/")).toBeNull();
  expect(safeUrl("/results/1", "http://here/groups")).toBe("http://here/results/1");
  expect(safeUrl("http://[", "http://here/")).toBeNull();
  expect(safeUrl(null, "http://here/")).toBeNull();
});

test("jobs are counted in words", () => {
  expect([0, 1, 2, 2000].map(jobsWords)).toEqual(["no jobs", "1 job", "2 jobs", "2,000 jobs"]);
});
