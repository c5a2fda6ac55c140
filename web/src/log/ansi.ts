// A line of a log as a terminal would leave it: spans of text with classes. Pure; nothing in a line can become markup.
//
// Each line begins plain: a part of a log that is shown by itself then looks as it does in the whole.
import { clean } from "../text/format";
import { PLAIN, classOf, restyled, type Style } from "./style";

export interface Span {
  text: string;
  class: string;
  /** Colours beyond the sixteen, as custom properties for the classes `fg-own` and `bg-own`. */
  own: Readonly<Record<string, string>> | null;
  /** It is what was searched for. */
  isHit?: true;
}

/** A part of a line as it was written, in UTF-16 units. */
export interface Stretch {
  from: number;
  to: number;
}

const NEEDS_CELLS = /[\r\b]|\u001b\[[0-9;]*[CDGK]/;
// Control sequences (CSI), strings for the terminal (OSC and its like, to BEL or ST), and two-character escapes.
const SEQUENCE =
  /\u001b\[([0-?]*)([ -/]*)([@-~])|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\|$)|\u001b[ -/]*[0-~]|\u001b/g;

/** Reads a line: colours become spans, overwritten text goes, what is no text is not obeyed. `hits` do not overlap. */
export function spansOf(line: string, hits: readonly Stretch[] = []): Span[] {
  return NEEDS_CELLS.test(line) ? overwritten(line, hits) : straight(line, hits);
}

/** Gives only the text that a line shows. */
export function textOf(line: string): string {
  return spansOf(line)
    .map((span) => span.text)
    .join("");
}

function spanOf(text: string, style: Style, isHit = false): Span {
  const span = style === PLAIN ? { text: clean(text), class: "", own: null } : { text: clean(text), ...classOf(style) };
  return isHit ? { ...span, isHit } : span;
}

/** A line that only changes colours: text between two sequences is one span. */
function straight(line: string, hits: readonly Stretch[]): Span[] {
  const spans: Span[] = [];
  let style = PLAIN;
  let from = 0;
  const put = (to: number): void => {
    for (const hit of hits) {
      if (hit.to <= from || hit.from >= to) continue;
      if (hit.from > from) spans.push(spanOf(line.slice(from, hit.from), style));
      spans.push(spanOf(line.slice(Math.max(from, hit.from), Math.min(to, hit.to)), style, true));
      from = Math.min(to, hit.to);
    }
    if (to > from) spans.push(spanOf(line.slice(from, to), style));
  };
  for (const found of line.matchAll(SEQUENCE)) {
    put(found.index);
    from = found.index + found[0].length;
    if (found[3] === "m" && found[2] === "") style = restyled(style, found[1] ?? "");
  }
  put(line.length);
  return spans;
}

interface Cell {
  text: string;
  style: Style;
  isHit: boolean;
}

const BLANK: Cell = { text: " ", style: PLAIN, isHit: false };

/** A line with carriage returns or movements within it: written cell by cell, as a terminal does. */
function overwritten(line: string, hits: readonly Stretch[]): Span[] {
  const cells: Cell[] = [];
  let style = PLAIN;
  let column = 0;
  let from = 0;
  const write = (text: string): void => {
    for (const each of text) {
      if (each === "\r") column = 0;
      else if (each === "\b") column = Math.max(0, column - 1);
      else {
        while (cells.length < column) cells.push(BLANK);
        cells[column] = { text: each, style, isHit: isWithin(from, hits) };
        column += 1;
      }
      from += each.length;
    }
  };
  for (const found of line.matchAll(SEQUENCE)) {
    write(line.slice(from, found.index));
    from = found.index + found[0].length;
    if (found[3] === "m") style = restyled(style, found[1] ?? "");
    else if (found[3] !== undefined) column = moved(cells, column, found[3], found[1] ?? "");
  }
  write(line.slice(from));
  return joined(cells);
}

function isWithin(at: number, hits: readonly Stretch[]): boolean {
  return hits.some((hit) => hit.from <= at && at < hit.to);
}

const FARTHEST = 10_000;

function moved(cells: Cell[], column: number, what: string, parameter: string): number {
  const n = /^\d+$/.test(parameter) ? Number(parameter) : null;
  const to = (where: number): number => Math.min(FARTHEST, Math.max(0, where));
  if (what === "G") return to((n ?? 1) - 1);
  if (what === "C") return to(column + (n || 1));
  if (what === "D") return to(column - (n || 1));
  if (what !== "K") return column;
  if (n === null || n === 0) cells.length = Math.min(cells.length, column);
  else if (n === 2) cells.length = 0;
  else for (let i = 0; i <= column && i < cells.length; i++) cells[i] = BLANK;
  return column;
}

function joined(cells: readonly Cell[]): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (let i = 1; i <= cells.length; i++) {
    const first = cells[from];
    const next = cells[i];
    if (first === undefined || (next !== undefined && next.style === first.style && next.isHit === first.isHit)) continue;
    const text = cells.slice(from, i).map((cell) => cell.text);
    spans.push(spanOf(text.join(""), first.style, first.isHit));
    from = i;
  }
  return spans;
}
