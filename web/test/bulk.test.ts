// What can be meant for one of many jobs.
import { expect, test } from "vitest";

import { canBe } from "../src/pages/list/bulk";
import { job } from "./jobs";

test("a job that runs can be cancelled, and one that has ended retried", () => {
  expect(canBe("cancel", job(1, { kind: "command", state: "running" }))).toBe(true);
  expect(canBe("cancel", job(1, { kind: "command", state: "failed" }))).toBe(false);
  expect(canBe("retry", job(1, { kind: "command", state: "failed" }))).toBe(true);
});

test("an adopted job can be labelled and hidden, and neither be cancelled nor retried", () => {
  const running = job(1, { kind: "adopted", state: "running" });
  const ended = job(2, { kind: "adopted", state: "failed" });
  expect(canBe("cancel", running)).toBe(false);
  expect(canBe("retry", ended)).toBe(false);
  expect(canBe("label", running)).toBe(true);
  expect(canBe("hide", ended)).toBe(true);
});
