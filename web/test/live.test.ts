import { describe, expect, test } from "vitest";

import { frameOf } from "../src/api/live";

describe("an answer of one event", () => {
  test("is a frame", () => {
    expect(frameOf('id: 7\nevent: changes\ndata: [{"type":"gone","id":"x"}]\n\n')).toEqual([7, [{ type: "gone", id: "x" }]]);
    expect(frameOf("id: 7\nevent: changes\ndata: []\n\n")).toEqual([7, []]);
  });

  test("is nothing else", () => {
    expect(() => frameOf("<html>Sign in to the hotel's network</html>")).toThrow("no event");
  });
});
