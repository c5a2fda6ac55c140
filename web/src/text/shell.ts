// Words for a POSIX shell, and back. Pure.

const SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/;
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "'": "\\'", "\\": "\\\\" };

/**
 * Quotes one word so that a shell reads exactly it.
 *
 * What a terminal would obey (controls but line ends, changes of direction) is written as `$'\x1b'`, which bash, zsh and ksh read and a
 * terminal does not.
 */
export function quote(word: string): string {
  if (word === "") return "''";
  if (SAFE.test(word)) return word;
  if (!CONTROL.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  let text = "";
  for (const each of word) text += ESCAPES[each] ?? (CONTROL.test(each) ? bytes(each) : each);
  return `$'${text}'`;
}

function bytes(character: string): string {
  const all = new TextEncoder().encode(character);
  // Three octal digits end by themselves; a digit that follows \x1b would be read as part of it.
  return Array.from(all, (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

/** Quotes words into one line. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(" ");
}

/** A text that is no list of shell words. */
export class Unclosed extends Error {}

/**
 * Parts a text into words as a shell would, with single, double and `$'…'` quotes and backslashes, but nothing expanded:
 * `$HOME`, `*` and `;` are what they are.
 */
export function split(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;
  while (at < text.length) {
    const each = text[at] as string;
    if (/\s/.test(each)) {
      if (word !== null) words.push(word);
      word = null;
      at += 1;
      continue;
    }
    if (each === "\\" && text[at + 1] === "\n") {
      at += 2; // the line goes on
      continue;
    }
    const [piece, after] = pieceAt(text, at);
    word = (word ?? "") + piece;
    at = after;
  }
  if (word !== null) words.push(word);
  return words;
}

function pieceAt(text: string, at: number): [string, number] {
  const each = text[at] as string;
  if (each === "'") return until(text, at + 1);
  if (each === '"') return doubled(text, at + 1);
  if (each === "$" && text[at + 1] === "'") return ansi(text, at + 2);
  if (each !== "\\") return [each, at + 1];
  if (at + 1 >= text.length) throw new Unclosed("a backslash ends the text");
  return [text[at + 1] as string, at + 2];
}

function until(text: string, from: number): [string, number] {
  const end = text.indexOf("'", from);
  if (end < 0) throw new Unclosed("a single quote is not closed");
  return [text.slice(from, end), end + 1];
}

function doubled(text: string, from: number): [string, number] {
  let piece = "";
  for (let at = from; at < text.length; at++) {
    const each = text[at] as string;
    if (each === '"') return [piece, at + 1];
    const next = text[at + 1];
    if (each === "\\" && next !== undefined && '$`"\\\n'.includes(next)) {
      if (next !== "\n") piece += next;
      at += 1;
    } else piece += each;
  }
  throw new Unclosed("a double quote is not closed");
}

const NAMED: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, e: 27, E: 27, f: 12, v: 11 };

/** Reads a `$'…'` text: its octal and hexadecimal numbers are bytes of UTF-8. */
function ansi(text: string, from: number): [string, number] {
  const out: number[] = [];
  const encode = new TextEncoder();
  for (let at = from; at < text.length; ) {
    const each = String.fromCodePoint(text.codePointAt(at) as number);
    if (each === "'") return [new TextDecoder().decode(new Uint8Array(out)), at + 1];
    const number = /^\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2}))/.exec(text.slice(at, at + 4));
    if (number !== null) {
      out.push(number[1] === undefined ? parseInt(number[2] as string, 16) : parseInt(number[1], 8) & 255);
      at += number[0].length;
    } else if (each === "\\" && at + 1 < text.length) {
      const named = NAMED[text[at + 1] as string];
      if (named === undefined) out.push(...encode.encode(text[at + 1]));
      else out.push(named);
      at += 2;
    } else {
      out.push(...encode.encode(each));
      at += each.length;
    }
  }
  throw new Unclosed("a $' quote is not closed");
}
