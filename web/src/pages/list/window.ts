// Which rows are in sight: with rows of one height that is arithmetic. Pure.

export interface Range {
  from: number;
  to: number;
}

/** Rows drawn beyond what is in sight, and the steps in which the range moves. */
const AROUND = 6;
const STEP = 4;

/** Gives the rows to draw for a place that is scrolled so far; it moves in steps, so that most scrolling draws nothing new. */
export function rangeOf(scrollPx: number, heightPx: number, rowPx: number, count: number): Range {
  const first = Math.floor(scrollPx / rowPx / STEP) * STEP;
  const inSight = Math.ceil(heightPx / rowPx);
  const from = Math.min(Math.max(0, first - AROUND), Math.max(0, count - inSight));
  return { from, to: Math.min(count, first + inSight + AROUND + STEP) };
}

/** Gives how far to scroll so that a row is in sight, with one more beyond it; null when it is. */
export function scrollFor(row: number, scrollPx: number, heightPx: number, rowPx: number): number | null {
  const top = row * rowPx;
  if (top < scrollPx + rowPx && scrollPx > 0) return Math.max(0, top - rowPx);
  if (top + 2 * rowPx > scrollPx + heightPx) return top + 2 * rowPx - heightPx;
  return null;
}
