// What the reader looks at in the list: where the cursor is, what is selected, which part is in sight.
import { computed, signal } from "@preact/signals";

import { Feed } from "./feed";

/** The list of this tab: it stays as it was when one comes back from a job's page. */
export const feed = new Feed();

/** The job that the cursor is on. */
export const current = signal<string | null>(null);

/** The jobs that are selected. */
export const selected = signal<ReadonlySet<string>>(new Set());

/** All that match the search are meant, also those that are not loaded. */
export const isWhole = signal(false);

/** Where the reading had come to, in pixels, for coming back. */
export const scrolled = signal(0);

/** Whether the place is narrow: two lines a job, few columns. */
export const narrow = signal(false);

/** Whether anything is selected. */
export const hasSelection = computed(() => selected.value.size > 0);

let anchor: string | null = null;

/** Selects a job, or no longer. */
export function toggle(id: string): void {
  const next = new Set(selected.peek());
  if (!next.delete(id)) next.add(id);
  anchor = id;
  isWhole.value = false;
  selected.value = next;
}

/** Selects all from the job that was selected last to this one. */
export function selectTo(id: string): void {
  const shown = feed.list.shown.peek();
  const [from, to] = [shown.indexOf(anchor ?? id), shown.indexOf(id)];
  if (to < 0) return;
  const range = from < 0 ? [id] : shown.slice(Math.min(from, to), Math.max(from, to) + 1);
  anchor ??= id;
  isWhole.value = false;
  selected.value = new Set([...selected.peek(), ...range]);
}

/** Selects all jobs at the top of the list, or none when all are. */
export function selectAll(): void {
  const top = feed.list.top.peek();
  const all = top.every((id) => selected.peek().has(id));
  isWhole.value = false;
  selected.value = all ? new Set() : new Set([...selected.peek(), ...top]);
}

/** Selects nothing. */
export function clearSelection(): void {
  isWhole.value = false;
  anchor = null;
  if (selected.peek().size > 0) selected.value = new Set();
}

/** Moves the cursor by some jobs; it begins at the first. */
export function moveBy(steps: number): void {
  const shown = feed.list.shown.peek();
  if (shown.length === 0) return;
  const from = shown.indexOf(current.peek() ?? "");
  const to = from < 0 ? (steps > 0 ? 0 : shown.length - 1) : from + steps;
  current.value = shown[Math.min(shown.length - 1, Math.max(0, to))] ?? null;
}
