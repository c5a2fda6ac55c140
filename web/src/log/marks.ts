// Where in a line something was found. Pure.
import type { Stretch } from "./ansi";

/** What is looked for, as the search of the server takes it. */
export interface Sought {
  text: string;
  isRegex: boolean;
  matchCase: boolean;
}

const MOST = 200;
const folded = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Gives every place of a text in a line; upper and lower case are as the server takes them: ASCII letters alone can be alike. */
export function placesOf(line: string, { text, matchCase }: Sought): Stretch[] {
  if (text === "") return [];
  const [where, what] = matchCase ? [line, text] : [folded(line), folded(text)];
  const found: Stretch[] = [];
  for (let at = where.indexOf(what); at >= 0 && found.length < MOST; at = where.indexOf(what, at + what.length)) {
    found.push({ from: at, to: at + what.length });
  }
  return found;
}

/** Gives a place that the server tells in code points. */
export function stretchOf(line: string, start: number, end: number): Stretch {
  const from = unitAt(line, 0, start);
  return { from, to: unitAt(line, from, end - start) };
}

function unitAt(line: string, from: number, points: number): number {
  let at = from;
  for (let left = points; left > 0 && at < line.length; left--) at += (line.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}
