import { describe, expect, it } from "vitest";

import { spansOf, textOf } from "../src/log/ansi";

const E = "\u001b";
const shown = (line: string): [string, string][] => spansOf(line).map(({ text, class: name }) => [text, name]);

describe("a line of a log", () => {
  it("without anything special is one span without a class", () => {
    expect(shown("plain <b>text</b> &amp;")).toEqual([["plain <b>text</b> &amp;", ""]]);
    expect(shown("")).toEqual([]);
  });

  it("is parted where its colour or weight changes", () => {
    expect(shown(`${E}[1;31mbad${E}[0m good ${E}[92mfine${E}[39m.`)).toEqual([
      ["bad", "t-bold t-fg1"],
      [" good ", ""],
      ["fine", "t-fg10"],
      [".", ""],
    ]);
  });

  it("knows italics, underlines, strikes and dim, and their ends", () => {
    expect(shown(`${E}[2;3;4;9mall${E}[22;23;24;29mnone`)).toEqual([
      ["all", "t-dim t-italic t-underline t-strike"],
      ["none", ""],
    ]);
    expect(shown(`${E}[4:3mcurly${E}[4:0mnone`)).toEqual([
      ["curly", "t-underline"],
      ["none", ""],
    ]);
  });

  it("turns colours round when it is inverse", () => {
    expect(shown(`${E}[7mx${E}[31my${E}[44mz`)).toEqual([
      ["x", "t-fg-paper t-bg-ink"],
      ["y", "t-fg-paper t-bg1"],
      ["z", "t-fg4 t-bg1"],
    ]);
  });

  it("carries the colours of the 256 and the true ones as values of its own", () => {
    const of = (codes: string): object => ({ ...spansOf(`${E}[${codes}mx`)[0] });
    expect(of("38;5;9")).toEqual({ text: "x", class: "t-fg9", own: null });
    expect(of("38;5;196")).toEqual({ text: "x", class: "t-fg-own", own: { "--fg": "#ff0000" } });
    expect(of("38;5;244")).toEqual({ text: "x", class: "t-fg-own", own: { "--fg": "#808080" } });
    expect(of("48;2;1;2;300")).toEqual({ text: "x", class: "t-bg-own", own: { "--bg": "#0102ff" } });
    expect(of("38:2::1:2:3;1")).toEqual({ text: "x", class: "t-bold t-fg-own", own: { "--fg": "#010203" } });
    expect(of("38;5;999")).toEqual({ text: "x", class: "", own: null });
  });

  it("with codes that are none changes nothing and loses no text", () => {
    for (const codes of ["", "38", "38;5", "38;2;1", "999", "1;;", ";;;", "48;9;1", "99999999999999"]) {
      expect(textOf(`a${E}[${codes}mb`)).toBe("ab");
    }
  });

  it("shows the last state of a progress bar", () => {
    expect(textOf(" 10%|#   |\r 50%|##  |\r100%|####|")).toBe("100%|####|");
    expect(textOf("downloading\rdone")).toBe("doneloading");
    expect(textOf(`downloading\r${E}[Kdone`)).toBe("done");
    expect(textOf(`downloading${E}[2K\rdone`)).toBe("done");
    expect(textOf("text\r")).toBe("text");
    expect(textOf("windows\r\r")).toBe("windows");
  });

  it("moves back and forth within the line", () => {
    expect(textOf("abc\b\bX")).toBe("aXc");
    expect(textOf(`abc${E}[2DX`)).toBe("aXc");
    expect(textOf(`abc${E}[1GX`)).toBe("Xbc");
    expect(textOf(`a${E}[3Cb`)).toBe("a   b");
    expect(textOf(`a${E}[99999999Cb`).length).toBe(10_001);
  });

  it("keeps the colours of what is written over", () => {
    expect(shown(`${E}[31mred text${E}[0m\r${E}[32mgreen`)).toEqual([
      ["green", "t-fg2"],
      ["ext", "t-fg1"],
    ]);
  });

  it("obeys nothing else that a terminal would", () => {
    expect(textOf(`${E}]8;;http://203.0.113.9${E}\\link${E}]8;;${E}\\`)).toBe("link");
    expect(textOf(`${E}]0;title\u0007text`)).toBe("text");
    expect(textOf(`${E}[2J${E}[H${E}[5;5Htext${E}[?25l${E}(B${E}c`)).toBe("text");
    expect(textOf(`${E}Pq#0${E}\\text`)).toBe("text");
    expect(textOf(`text${E}]0;never closed`)).toBe("text");
    expect(textOf(`a${E}`)).toBe("a");
    expect(textOf(`a${E}[31`)).toBe("a31");
  });

  it("shows other controls and changes of direction as what they are: none of the text", () => {
    expect(textOf("a\u0000b\u0007c\u202ed\u2066e\tf")).toBe("a\ufffdb\ufffdc\ufffdd\ufffde\tf");
  });

  it("is read in a time that grows with its length only", () => {
    const long = `${E}[31mx`.repeat(20_000) + `${E}[`.repeat(20_000) + `${E}]`.repeat(20_000);
    expect(textOf(long).length).toBe(20_000);
  });
});

describe("what was searched for", () => {
  const hits = (line: string, from: number, to: number): string[] =>
    spansOf(line, [{ from, to }])
      .filter((span) => span.isHit)
      .map((span) => span.text);

  it("is marked in a plain line", () => {
    expect(spansOf("one two three", [{ from: 4, to: 7 }]).map((span) => span.text)).toEqual(["one ", "two", " three"]);
    expect(hits("two", 0, 3)).toEqual(["two"]);
  });

  it("is marked through colours that change within", () => {
    const line = "\u001b[31mred\u001b[0m plain";
    expect(hits(line, 5, line.length - 2)).toEqual(["red", " pla"]);
  });

  it("is marked where it is left when the line was written over", () => {
    expect(hits(" 10%\r 60%\r100%", 10, 14)).toEqual(["100%"]);
    expect(hits("error\rok", 0, 5)).toEqual(["ror"]);
  });

  it("is not marked where it is no text", () => {
    expect(hits("\u001b[31mred", 0, 5)).toEqual([]);
  });
});
