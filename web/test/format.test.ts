// The page says numbers as the pictures and the command line do (headway.views.words).
import { describe, expect, it } from "vitest";

import { bytes, bytesOf, clean, duration, percent, rate } from "../src/text/format";

describe("a duration", () => {
  it("has one or two units", () => {
    const said = [0, 0.02, 0.4, 1, 59.4, 60, 245, 3600, 7500, 86_400, 273_600].map(duration);
    expect(said).toEqual(["0 s", "0.1 s", "0.4 s", "1 s", "59 s", "1 min 00 s", "4 min 05 s", "1 h 00 min", "2 h 05 min", "1 d 0 h", "3 d 4 h"]);
  });
  it("below nothing is nothing", () => {
    expect(duration(-3)).toBe("0 s");
  });
});

describe("a part of one", () => {
  it("is whole only when all is done", () => {
    expect([0, 0.29, 0.5, 0.999, 1, 1.2].map(percent)).toEqual(["0 %", "29 %", "50 %", "99 %", "100 %", "100 %"]);
  });
});

describe("a rate", () => {
  it("is in the unit in which it can be read", () => {
    expect([12.34, 0.5, 0.0004].map(rate)).toEqual(["12.3/s", "30/min", "1.44/h"]);
  });
});

describe("a size", () => {
  it("that is a part of another has the other's unit", () => {
    expect(bytesOf(285e6, 4.72e9)).toEqual(["0.3", "4.4 GiB"]);
    expect(bytesOf(0, 0)).toEqual(["0", "0 B"]);
    expect(bytesOf(1023, 1024)).toEqual(["1.0", "1.0 KiB"]);
  });
  it("is as the command line has it", () => {
    expect([0, 1023, 1536, 2 ** 30].map(bytes)).toEqual(["0 B", "1023 B", "1.5 KiB", "1.0 GiB"]);
  });
});

describe("a text from elsewhere", () => {
  it("cannot turn the text around it", () => {
    expect(clean("a\u202eb\u0007c")).toBe("a\ufffdb\ufffdc");
  });
});
