// Which rows of a long list are in view, for lists longer than a browser can scroll. Pure.
//
// Browsers make no element higher than some 16 to 33 million pixels. A longer list gets less height than its rows need, and
// what is scrolled is scaled; small steps stay true to the pixel, and are brought in line with the scroll bar at rest.

/** The height of the highest element that is made. */
export const TALLEST_PX = 8_000_000;

export interface Extent {
  rows: number;
  rowPx: number;
  viewPx: number;
}

/** Gives the height to be scrolled. */
export function heightOf({ rows, rowPx }: Extent): number {
  return Math.min(rows * rowPx, TALLEST_PX);
}

/** Gives how far the top of what is in view can be from the top of all rows. */
export function farthest({ rows, rowPx, viewPx }: Extent): number {
  return Math.max(0, rows * rowPx - viewPx);
}

function scale(extent: Extent): number {
  const scrollable = heightOf(extent) - extent.viewPx;
  return scrollable > 0 ? farthest(extent) / scrollable : 1;
}

/** Gives where the scroll bar is for a place in the rows. */
export function scrollFor(top: number, extent: Extent): number {
  return top / scale(extent);
}

/** Gives the place in the rows after the scroll bar went from one place to another. */
export function topAfter(top: number, before: number, after: number, extent: Extent): number {
  const end = heightOf(extent) - extent.viewPx;
  if (after <= 0) return 0;
  if (after >= end - 1) return farthest(extent);
  const step = after - before;
  const moved = Math.abs(step) < extent.viewPx ? top + step : after * scale(extent);
  return Math.min(farthest(extent), Math.max(0, moved));
}

/** Gives the rows to draw, with some beyond both ends: the first, and the one after the last, from 0. */
export function rowsIn(top: number, extent: Extent, beyond = 4): { first: number; end: number } {
  const first = Math.max(0, Math.floor(top / extent.rowPx) - beyond);
  const end = Math.min(extent.rows, Math.ceil((top + extent.viewPx) / extent.rowPx) + beyond);
  return { first, end: Math.max(first, end) };
}
