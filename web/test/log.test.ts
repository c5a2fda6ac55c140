import { describe, expect, it } from "vitest";

import { chosen, lineOf, placeOf, readPlace } from "../src/log/place";
import { placesOf, stretchOf } from "../src/log/marks";
import { farthest, heightOf, rowsIn, scrollFor, TALLEST_PX, topAfter } from "../src/log/window";

describe("a window over a log", () => {
  const small = { rows: 100, rowPx: 20, viewPx: 400 };
  const large = { rows: 5_000_000, rowPx: 20, viewPx: 400 };

  it("of few rows scrolls pixel by pixel", () => {
    expect(heightOf(small)).toBe(2000);
    expect(topAfter(0, 0, 37, small)).toBe(37);
    expect(scrollFor(37, small)).toBe(37);
    expect(rowsIn(200, small, 4)).toEqual({ first: 6, end: 34 });
  });

  it("never draws rows that are not there", () => {
    expect(rowsIn(0, small, 4)).toEqual({ first: 0, end: 24 });
    expect(rowsIn(1600, small, 4)).toEqual({ first: 76, end: 100 });
    expect(rowsIn(0, { ...small, rows: 0 }, 4)).toEqual({ first: 0, end: 0 });
  });

  it("of very many rows is not higher than a browser can make it", () => {
    expect(heightOf(large)).toBe(TALLEST_PX);
    expect(farthest(large)).toBe(100_000_000 - 400);
  });

  it("moves by the pixel in small steps, and across all rows with the scroll bar", () => {
    expect(topAfter(1000, 80, 120, large)).toBe(1040);
    const middle = topAfter(0, 0, (TALLEST_PX - 400) / 2, large);
    expect(middle / farthest(large)).toBeCloseTo(0.5, 6);
  });

  it("reaches both ends whatever was scrolled before", () => {
    expect(topAfter(5000, 1, 0, large)).toBe(0);
    expect(topAfter(5000, 1, TALLEST_PX - 400, large)).toBe(farthest(large));
    expect(topAfter(5000, 1, TALLEST_PX - 400.6, large)).toBe(farthest(large));
  });

  it("comes back to the same place from the scroll bar's", () => {
    for (const top of [0, 12_345, 50_000_000, farthest(large)]) {
      const bar = scrollFor(top, large);
      expect(Math.abs(topAfter(0, -1e9, bar, large) - top)).toBeLessThan(20);
    }
  });
});

describe("a permanent link", () => {
  it("names a line or a range", () => {
    expect(readPlace("L1203")).toEqual({ first: 1203, last: 1203 });
    expect(readPlace("L10-L20")).toEqual({ first: 10, last: 20 });
    expect(readPlace("L20-10")).toEqual({ first: 10, last: 20 });
    expect(placeOf({ first: 10, last: 20 })).toBe("L10-L20");
    expect(placeOf({ first: 7, last: 7 })).toBe("L7");
  });

  it("is none when it is anything else", () => {
    for (const text of ["", "L", "L0", "L01", "l5", "L-5", "L5-", "L5-L", "main", "L1e3", "L9999999999999"]) {
      expect(readPlace(text)).toBeNull();
    }
  });

  it("grows to where the shift key was held", () => {
    expect(chosen(null, 5, true)).toEqual({ first: 5, last: 5 });
    expect(chosen({ first: 5, last: 5 }, 9, true)).toEqual({ first: 5, last: 9 });
    expect(chosen({ first: 5, last: 9 }, 2, true)).toEqual({ first: 2, last: 9 });
    expect(chosen({ first: 5, last: 9 }, 7, false)).toEqual({ first: 7, last: 7 });
  });
});

describe("a line that somebody asks for by number", () => {
  it("is one that the log has", () => {
    expect(["1", " 300 ", "L17", "1,203", "1 203", "1.203"].map((text) => lineOf(text, 2000))).toEqual([1, 300, 17, 1203, 1203, 1203]);
  });

  it("is none otherwise", () => {
    for (const text of ["", "0", "-1", "2001", "ten", "1e3", "0x1"]) expect(lineOf(text, 2000)).toBeNull();
  });
});

describe("what is marked in a line", () => {
  const sought = { text: "an", isRegex: false, matchCase: false };

  it("is every place of the text", () => {
    expect(placesOf("Banana", sought)).toEqual([
      { from: 1, to: 3 },
      { from: 3, to: 5 },
    ]);
    expect(placesOf("aaaa", { ...sought, text: "aa" })).toHaveLength(2);
    expect(placesOf("x", { ...sought, text: "" })).toEqual([]);
  });

  it("is alike in upper and lower case where ASCII letters are", () => {
    expect(placesOf("AN an", sought)).toHaveLength(2);
    expect(placesOf("AN an", { ...sought, matchCase: true })).toEqual([{ from: 3, to: 5 }]);
    expect(placesOf("Ü\u0130an", { ...sought, text: "ü" })).toEqual([]);
    expect(placesOf("\u0130an", sought)).toEqual([{ from: 1, to: 3 }]);
  });

  it("is told in code points and shown where it is", () => {
    const line = "\u{1f600}\u{1f600} needle";
    const { from, to } = stretchOf(line, 3, 9);
    expect(line.slice(from, to)).toBe("needle");
    expect(stretchOf("short", 2, 99)).toEqual({ from: 2, to: 5 });
  });
});
