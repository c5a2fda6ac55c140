import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { JobSummary, State } from "../src/api/types";
import { Parts } from "../src/state/parts";
import { job } from "./jobs";

/** Answers as the server does: newest first, some at a time, `next` while there are more. */
function serve(all: readonly JobSummary[]): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (address: string) => {
    const { searchParams } = new URL(address);
    const states = searchParams.getAll("state");
    const limit = Number(searchParams.get("limit"));
    const from = Number(searchParams.get("cursor") ?? 0);
    const found = all.filter((each) => states.length === 0 || states.includes(each.state)).sort((a, b) => b.number - a.number);
    asked.push(`${states.join("+")}:${limit}`);
    const next = from + limit < found.length ? String(from + limit) : null;
    return Promise.resolve(new Response(JSON.stringify({ jobs: found.slice(from, from + limit), next })));
  });
  return asked;
}

function elements(counts: readonly (readonly [State, number])[]): JobSummary[] {
  const states = counts.flatMap(([state, n]) => Array<State>(n).fill(state));
  return states.map((state, index) => job(index + 1, { state, index }));
}

function parts(counts: readonly (readonly [State, number])[]): Parts {
  const made = new Parts("p");
  made.counts = Object.fromEntries(counts);
  return made;
}

const shown = (of: Parts): readonly (number | null)[] => (of.jobs.value ?? []).map((each) => each.index);

describe("the parts of an array", () => {
  beforeEach(() => vi.useRealTimers());
  afterEach(() => vi.unstubAllGlobals());

  test("all of a few are read at once, in their order, but the failed ones first", async () => {
    const counts = [["succeeded", 2], ["failed", 1], ["running", 1]] as const;
    const asked = serve(elements(counts));
    const some = parts(counts);
    await some.again();
    expect(shown(some)).toEqual([2, 0, 1, 3]);
    expect([some.isComplete.value, asked]).toEqual([true, [":400"]]);
  });

  test("of very many, those that failed and those that run come first, and the rest when it is asked for", async () => {
    const counts = [["succeeded", 395], ["failed", 3], ["running", 7]] as const;
    const asked = serve(elements(counts));
    const some = parts(counts);
    await some.again();
    expect(shown(some).slice(0, 10)).toEqual([395, 396, 397, 398, 399, 400, 401, 402, 403, 404]);
    expect([shown(some).length, some.isComplete.value]).toEqual([200, false]);
    expect(asked).toEqual(["failed:200", "running:197", "succeeded:190"]);
    await some.more();
    expect([shown(some).length, some.isComplete.value]).toEqual([400, false]);
  });

  test("only those in one state", async () => {
    const counts = [["succeeded", 390], ["failed", 3]] as const;
    serve(elements(counts));
    const some = parts(counts);
    await some.choose("failed");
    expect([shown(some), some.isComplete.value]).toEqual([[390, 391, 392], true]);
  });
});
