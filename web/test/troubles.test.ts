import { describe, expect, test } from "vitest";

import { consequence, headline, type Troubled } from "../src/text/troubles";

const NOW = new Date("2026-01-02T12:30:00Z");
const SINCE = "2026-01-02T12:25:10Z";

function cluster(more: Partial<Troubled> = {}): Troubled {
  return { name: "hpc", detail: "", accepted: 0, queued: 0, running: 0, trouble: { what: "down", since: SINCE, concerns_you: true }, ...more };
}

describe("what is said of a cluster in trouble", () => {
  test("down, slow and other troubles have words of their own", () => {
    expect(headline(cluster(), NOW)).toMatch(/^The cluster hpc has not answered since \d\d:25\.$/);
    const slow = cluster({ trouble: { what: "slow", since: SINCE, concerns_you: true } });
    expect(headline(slow, NOW)).toMatch(/too slow to answer since \d\d:25\.$/);
  });

  test("what becomes of the jobs", () => {
    expect(consequence(cluster())).toBe("");
    expect(consequence(cluster({ running: 1 }))).toBe("News of 1 job there comes when it is back.");
    expect(consequence(cluster({ accepted: 1 }))).toBe("1 job waits, and is handed over when it is back.");
    expect(consequence(cluster({ accepted: 1200, queued: 2, running: 3 }))).toBe(
      "1,200 jobs wait, and are handed over when it is back. News of 5 more comes then.",
    );
  });
});
