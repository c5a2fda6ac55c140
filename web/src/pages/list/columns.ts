// Which columns the list has, in which order, and how wide they are.
import { kept } from "../../state/prefs";

export const COLUMNS = ["state", "name", "progress", "owner", "where", "labels", "started", "duration", "message"] as const;
export type Column = (typeof COLUMNS)[number];

export interface Choice {
  column: Column;
  shown: boolean;
}

/** The least width in pixels, and the part of what is left over that a column takes. */
const WIDTHS: Record<Column, readonly [leastPx: number, part: number]> = {
  state: [186, 0.2],
  name: [190, 1.8],
  progress: [180, 0.8],
  owner: [64, 0.3],
  where: [104, 0.5],
  labels: [122, 1],
  started: [84, 0],
  duration: [96, 0],
  message: [156, 3],
};
const SELECT_PX = 34;
const GAP_PX = 14;
const EDGES_PX = 30;

/** What goes first where there is no room; what is not here always stays. */
const FIRST_TO_GO: readonly Column[] = ["started", "owner", "labels", "message", "where"];
/** These go before all others while they would say the same in every row. */
const MAY_SAY_NOTHING: readonly Column[] = ["where", "owner", "labels"];

const AT_FIRST: readonly Choice[] = COLUMNS.map((column) => ({ column, shown: true }));

/** What the reader chose, in their order. */
export const choices = kept<readonly Choice[]>("columns", AT_FIRST, areChoices);

/** Goes back to the columns of the beginning. */
export function resetColumns(): void {
  choices.value = AT_FIRST;
}

/** Shows or hides a column. */
export function toggleColumn(column: Column): void {
  choices.value = choices.peek().map((each) => (each.column === column ? { ...each, shown: !each.shown } : each));
}

/** Moves a column by one place. */
export function moveColumn(column: Column, by: -1 | 1): void {
  const order = [...choices.peek()];
  const from = order.findIndex((each) => each.column === column);
  const [moved, other] = [order[from], order[from + by]];
  if (moved === undefined || other === undefined) return;
  order[from + by] = moved;
  order[from] = other;
  choices.value = order;
}

/** Gives the chosen columns that have room; `telling` are those that do not say the same in every row. */
export function fitting(chosen: readonly Choice[], widthPx: number, telling: ReadonlySet<Column>): readonly Column[] {
  const columns = chosen.filter((each) => each.shown).map((each) => each.column);
  const gone = new Set<Column>();
  for (const next of [...MAY_SAY_NOTHING.filter((column) => !telling.has(column)), ...FIRST_TO_GO]) {
    if (leastPx(columns.filter((each) => !gone.has(each))) <= widthPx) break;
    gone.add(next);
  }
  return columns.filter((each) => !gone.has(each));
}

/** Gives the columns' widths as CSS has them. */
export function template(columns: readonly Column[]): string {
  const widths = columns.map((column) => {
    const [least, part] = WIDTHS[column];
    return part === 0 ? `${least}px` : `minmax(${least}px, ${part}fr)`;
  });
  return [`${SELECT_PX}px`, ...widths].join(" ");
}

function leastPx(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + GAP_PX + WIDTHS[column][0], SELECT_PX + EDGES_PX);
}

function areChoices(value: unknown): value is readonly Choice[] {
  if (!Array.isArray(value) || value.length !== COLUMNS.length) return false;
  const names = new Set(value.map((each: Partial<Choice> | null) => each?.column));
  return COLUMNS.every((column) => names.has(column)) && value.every((each: Choice) => typeof each.shown === "boolean");
}
