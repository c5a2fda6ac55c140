// In which order workers are shown.
import type { JobState, Seen } from "../../state/job";
import { natural } from "../../text/natural";

export const ORDERS = ["name", "progress", "slowest"] as const;
export type Order = (typeof ORDERS)[number];

export const isOrder = (value: unknown): value is Order => (ORDERS as readonly unknown[]).includes(value);

type Compare = (a: Seen, b: Seen) => number;

const byName: Compare = (a, b) => natural(a.id, b.id);
const NEVER = Number.MAX_VALUE;

/** How worrying a worker is: what has a problem comes before what is silent, before what is slow. */
function worry(worker: Seen): number {
  if (!worker.ok) return 0;
  if (worker.stalled) return 1;
  return worker.finished ? 3 : 2;
}

const COMPARE: Readonly<Record<Order, Compare>> = {
  name: byName,
  progress: (a, b) => (b.fraction ?? -1) - (a.fraction ?? -1) || byName(a, b),
  slowest: (a, b) => worry(a) - worry(b) || (b.eta_s ?? NEVER) - (a.eta_s ?? NEVER) || (a.fraction ?? -1) - (b.fraction ?? -1) || byName(a, b),
};

/** Sorts workers. */
export function sorted(workers: readonly Seen[], order: Order): Seen[] {
  return [...workers].sort(COMPARE[order]);
}

/** Gives the ids of the workers that have a text in name or message, in an order that follows their reports. */
export function inOrder(state: JobState, order: Order, text: string): readonly string[] {
  // By name nothing moves: reports need not be looked at.
  if (order !== "name" || text !== "") state.workersChanged.value;
  const wanted = text.trim().toLowerCase();
  const all = state.workerIds.value.map((id) => state.worker(id)?.peek()).filter((worker) => worker !== undefined);
  const found = wanted === "" ? all : all.filter(({ id, desc }) => `${id}\n${desc}`.toLowerCase().includes(wanted));
  return sorted(found, order).map((worker) => worker.id);
}
