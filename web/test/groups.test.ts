import { expect, test } from "vitest";

import type { Tree } from "../src/pages/groups/documents";
import { queryOf, rowsOf, safeUrl } from "../src/pages/groups/tree";
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
  ],
  is_whole: true,
};

test("a group in two others comes twice, with what is below it once", () => {
  const rows = rowsOf(TREE, new Set());
  expect(rows.map(({ group: { id }, depth, isAgain }) => [id, depth, isAgain])).toEqual([
    ["top", 0, false],
    ["left", 1, false],
    ["low", 2, false],
    ["right", 1, false],
    ["low", 2, true],
  ]);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
});

test("what is below a folded group is not shown there", () => {
  expect(rowsOf(TREE, new Set(["left"])).map((row) => row.group.id)).toEqual(["top", "left", "right", "low"]);
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
  expect([0, 1, 2].map(jobsWords)).toEqual(["no jobs", "1 job", "2 jobs"]);
});
