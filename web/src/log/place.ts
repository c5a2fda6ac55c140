// Permanent links into a log: `#L1203` is a line, `#L10-L20` are some. Pure.

export interface Range {
  first: number;
  last: number;
}

/** Reads a fragment; null when it names no line. */
export function readPlace(fragment: string): Range | null {
  const found = /^L([1-9]\d{0,11})(?:-L?([1-9]\d{0,11}))?$/.exec(fragment);
  if (found === null) return null;
  const one = Number(found[1]);
  const other = found[2] === undefined ? one : Number(found[2]);
  return { first: Math.min(one, other), last: Math.max(one, other) };
}

/** Gives the fragment of a line or of a range. */
export function placeOf({ first, last }: Range): string {
  return first === last ? `L${first}` : `L${first}-L${last}`;
}

/** Gives what is chosen after a line's number was pressed; with `extend` from what was chosen before. */
export function chosen(before: Range | null, line: number, extend: boolean): Range {
  if (!extend || before === null) return { first: line, last: line };
  return line < before.first ? { first: line, last: before.last } : { first: before.first, last: line };
}

/** Reads a line's number as people write it, with or without separators; null when the log has no such line. */
export function lineOf(text: string, total: number): number | null {
  const digits = text.trim().replace(/[\s,.'_\u202f\u00a0]/g, "").replace(/^L/i, "");
  const line = /^\d{1,12}$/.test(digits) ? Number(digits) : 0;
  return line >= 1 && line <= total ? line : null;
}
