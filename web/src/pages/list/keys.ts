// The keys of the list. Single keys count only while no text is being typed and nothing lies over the page.
import { go } from "../../app/router";
import { undoLast } from "../../parts/Toast";
import { isFree, singleKeys } from "../../state/keys";
import { SEARCH_ID } from "./SearchBox";
import { clearSelection, current, feed, hasSelection, moveBy, selectAll, selectTo, toggle } from "./view";
import { isGroup } from "./words";

type Act = (id: string | null) => void;

const PAGE_ROWS = 20;

/** Keys that work everywhere on the page. */
const ANYWHERE: Record<string, Act> = {
  "/": () => document.getElementById(SEARCH_ID)?.focus(),
  j: () => step(1),
  k: () => step(-1),
  o: (id) => id !== null && turn(id),
  x: (id) => id !== null && toggle(id),
  X: (id) => id !== null && selectTo(id),
  a: selectAll,
  u: () => undoLast(),
};

/** Keys that work while the list itself has the focus. */
const IN_LIST: Record<string, Act> = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  PageDown: () => step(PAGE_ROWS),
  PageUp: () => step(-PAGE_ROWS),
  Home: () => step(-Infinity),
  End: () => step(Infinity),
  ArrowRight: (id) => id !== null && turn(id, true),
  ArrowLeft: (id) => id !== null && turn(id, false),
  " ": (id) => id !== null && toggle(id),
};

/** Answers to a key; tells whether it was one of ours. `help` shows the help. */
export function press(event: KeyboardEvent, help: () => void): boolean {
  if (!isFree(event)) return false;
  const act = meaning(event, help);
  if (act === undefined) return false;
  event.preventDefault();
  act(current.peek());
  return true;
}

function meaning(event: KeyboardEvent, help: () => void): Act | undefined {
  const target = event.target as Element | null;
  const inList = target?.getAttribute("role") === "treegrid";
  const nowhere = target === document.body || target?.id === "main";
  if (event.key === "Escape" && hasSelection.peek()) return clearSelection;
  if (event.key === "Enter") return (inList || nowhere) && current.peek() !== null ? open : undefined;
  if (inList && event.key in IN_LIST) return IN_LIST[event.key];
  if (!singleKeys.peek()) return undefined;
  return event.key === "?" ? help : ANYWHERE[event.key];
}

function step(rows: number): void {
  moveBy(rows);
  document.querySelector<HTMLElement>('[role="treegrid"]')?.focus({ preventScroll: true });
}

const open: Act = (id) => {
  const job = id === null ? undefined : feed.list.row(id)?.peek();
  if (job) go(`j/${job.number}`);
};

/** Shows or hides a job's parts; without `to`, what is not so now. Hiding from a part leads to its job. */
function turn(id: string, to?: boolean): void {
  const job = feed.list.row(id)?.peek();
  if (job === undefined) return;
  const isOpen = feed.list.opened.peek().has(id);
  if (isOpen && to !== true) feed.list.shut(id);
  else if (!isOpen && to !== false && isGroup(job)) void feed.open(id);
  else if (to === false && job.parent !== null && feed.list.opened.peek().has(job.parent)) current.value = job.parent;
}
