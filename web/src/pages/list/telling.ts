// Which columns say something that is not the same in every row. It is learnt from the rows that are drawn, and never unlearnt:
// columns that came and went with the rows in sight would be worse than one too many.
import { signal } from "@preact/signals";

import type { JobSummary } from "../../api/types";
import type { Column } from "./columns";

/** Those columns, as far as is known. */
export const telling = signal<ReadonlySet<Column>>(new Set());

type Told = Pick<JobSummary, "owner" | "cluster" | "native_id" | "labels">;

const LOCAL = "local";
let first: Told | null = null;

/** Learns from a row. */
export function learn(job: Told): void {
  first ??= job;
  const known = telling.peek();
  const found = news(first, job).filter((column) => !known.has(column));
  if (found.length > 0) telling.value = new Set([...known, ...found]);
}

/** Gives the columns that say something, as two rows show. Pure. */
export function news(first: Told, job: Told): readonly Column[] {
  const found: Column[] = [];
  if (job.owner !== first.owner) found.push("owner");
  if (job.labels.length > 0) found.push("labels");
  // On this machine a number is a process: nobody types it into a scheduler's commands.
  if (job.cluster !== first.cluster || (job.native_id !== null && job.cluster !== LOCAL)) found.push("where");
  return found;
}
