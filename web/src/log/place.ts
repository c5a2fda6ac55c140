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
