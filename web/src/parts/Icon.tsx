// Small pictures, each with the meaning said in words beside it: they are hidden from screen readers.
import type { JSX } from "preact";

const PATHS = {
  accepted: "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z",
  queued: "M4 3h8M4 13h8M5 3c0 3 6 3.5 6 5s-6 2-6 5M11 3c0 3-6 3.5-6 5s6 2 6 5",
  running: "M5.5 3.5v9l7-4.5z",
  succeeded: "M3.5 8.5l3 3 6-7",
  failed: "M4 4l8 8M12 4l-8 8",
  cancelled: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM4.2 4.2l7.6 7.6",
  stalled: "M5.5 3.5v9M10.5 3.5v9",
  problem: "M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.3",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4l3.4 3.4",
  chevron: "M6 3.5L10.5 8 6 12.5",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
  star: "M8 2.2l1.8 3.7 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4L2.2 6.5l4-.6z",
  download: "M8 2.5v8M4.8 7.5L8 10.7l3.2-3.2M3 13.5h10",
  link: "M6.5 9.5l3-3M7 4.5l1.2-1.2a2.8 2.8 0 0 1 4 4L11 8.5M9 11.5l-1.2 1.2a2.8 2.8 0 0 1-4-4L5 7.5",
} as const;

export type IconName = keyof typeof PATHS;

/** Draws a picture of 16 pixels. */
export function Icon({ name, class: more = "" }: { name: IconName; class?: string }): JSX.Element {
  return (
    <svg class={`icon icon-${name} ${more}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
