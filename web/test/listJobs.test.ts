import { effect } from "@preact/signals";
import { beforeEach, describe, expect, test } from "vitest";

import type { Change, JobSummary } from "../src/api/types";
import { JobList, MOST_JOBS } from "../src/state/jobs";
import { job } from "./jobs";

const PLAIN = { complete: true, takesParts: false, takesHidden: false };

const changed = (...jobs: JobSummary[]): Change[] => jobs.map((each) => ({ type: "job", job: each }));

let list: JobList;
beforeEach(() => {
  list = new JobList();
});

const numbers = (): number[] => list.shown.value.map((id) => list.row(id)?.value.number ?? 0);

describe("the top of the list", () => {
  test("is newest first, whatever comes when", () => {
    list.begin([job(5), job(3)], { ...PLAIN, complete: false });
    list.append([job(2), job(1)], true);
    list.apply(changed(job(7), job(6), job(4)));
    expect(numbers()).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  test("has every job of a later page", () => {
    list.begin([job(900)], { ...PLAIN, complete: false });
    list.append([job(20), job(10)], true);
    expect(list.shown.value.every((id) => list.row(id) !== undefined)).toBe(true);
  });

  test("leaves jobs to the page that is not loaded yet", () => {
    list.begin([job(9), job(8)], { ...PLAIN, complete: false });
    list.apply(changed(job(3)));
    expect(numbers()).toEqual([9, 8]);
    list.append([job(3)], true);
    expect(numbers()).toEqual([9, 8, 3]);
  });

  test("changes one row and tells nobody else", () => {
    list.begin([job(2), job(1)], PLAIN);
    let drawn = 0;
    const stop = effect(() => {
      void list.row("id-1")?.value;
      drawn += 1;
    });
    let listed = 0;
    const stopList = effect(() => {
      void list.shown.value;
      listed += 1;
    });
    list.apply(changed(job(2, { seq: 50, status_text: "on" })));
    expect([drawn, listed]).toEqual([1, 1]);
    list.apply(changed(job(1, { seq: 51, status_text: "on" })));
    expect([drawn, listed]).toEqual([2, 1]);
    stop();
    stopList();
  });

  test("keeps what is newer when older news come late", () => {
    list.begin([job(1, { seq: 9, state: "succeeded" })], PLAIN);
    list.apply(changed(job(1, { seq: 8, state: "running" })));
    expect(list.row("id-1")?.value.state).toBe("succeeded");
  });

  test("takes a new roll-up of the same document", () => {
    list.begin([job(1, { seq: 9, progress: 0.1 })], PLAIN);
    list.apply(changed(job(1, { seq: 9, progress: 0.2 })));
    expect(list.row("id-1")?.value.progress).toBe(0.2);
  });

  test("loses what is gone or hidden, and gets it back", () => {
    list.begin([job(2), job(1)], PLAIN);
    list.apply([{ type: "gone", id: "id-2" }, ...changed(job(1, { seq: 20, hidden: "2026-01-01T00:00:00Z" }))]);
    expect(numbers()).toEqual([]);
    list.apply(changed(job(1, { seq: 21 }), job(2, { seq: 22 })));
    expect(numbers()).toEqual([2, 1]);
  });

  test("keeps what is gone and back in one frame", () => {
    list.begin([job(1)], PLAIN);
    list.apply([{ type: "gone", id: "id-1" }, ...changed(job(1, { seq: 30 }))]);
    expect(numbers()).toEqual([1]);
  });

  test("shows hidden jobs where they are asked for", () => {
    list.begin([], { ...PLAIN, takesHidden: true });
    list.apply(changed(job(1, { hidden: "2026-01-01T00:00:00Z" })));
    expect(numbers()).toEqual([1]);
  });

  test("is never longer than it may be", () => {
    list.begin(
      Array.from({ length: MOST_JOBS }, (_, n) => job(MOST_JOBS - n)),
      PLAIN,
    );
    list.apply(changed(job(MOST_JOBS + 1)));
    expect(list.shown.value.length).toBe(MOST_JOBS);
    expect(numbers()[0]).toBe(MOST_JOBS + 1);
    expect(list.row("id-1")).toBeUndefined();
    expect(list.complete.value).toBe(false);
  });
});

describe("parts", () => {
  const parent = job(1, { children: { running: 2 } });

  test("are no rows of their own until their job is open", () => {
    list.begin([parent], PLAIN);
    list.apply(changed(job(2, { parent: "id-1" })));
    expect(numbers()).toEqual([1]);
    list.open("id-1", [job(3, { parent: "id-1" }), job(2, { parent: "id-1" })]);
    expect(numbers()).toEqual([1, 2, 3]);
    expect(list.depth("id-3")).toBe(1);
    list.shut("id-1");
    expect(numbers()).toEqual([1]);
    expect(list.row("id-3")).toBeUndefined();
  });

  test("come in the order of their array", () => {
    list.begin([parent], PLAIN);
    list.open("id-1", [job(9, { parent: "id-1", index: 0 }), job(8, { parent: "id-1", index: 1 })]);
    list.apply(changed(job(12, { parent: "id-1", index: 2 })));
    expect(numbers()).toEqual([1, 9, 8, 12]);
  });

  test("of parts open below them, and are shut with them", () => {
    list.begin([parent], PLAIN);
    list.open("id-1", [job(2, { parent: "id-1", children: { running: 1 } })]);
    list.open("id-2", [job(3, { parent: "id-2" })]);
    expect(numbers()).toEqual([1, 2, 3]);
    expect(list.depth("id-3")).toBe(2);
    list.shut("id-1");
    expect(numbers()).toEqual([1]);
    expect(list.opened.value.size).toBe(0);
  });

  test("stay open when the list is read anew, and go with their job", () => {
    list.begin([parent], PLAIN);
    list.open("id-1", [job(2, { parent: "id-1" })]);
    list.begin([job(4), parent], PLAIN);
    expect(numbers()).toEqual([4, 1, 2]);
    list.apply([{ type: "gone", id: "id-1" }]);
    expect(numbers()).toEqual([4]);
    expect(list.row("id-2")).toBeUndefined();
  });

  test("are at the top where a search names them", () => {
    list.begin([], { ...PLAIN, takesParts: true });
    list.apply(changed(job(2, { parent: "id-1" })));
    expect(numbers()).toEqual([2]);
    expect(list.depth("id-2")).toBe(0);
  });
});
