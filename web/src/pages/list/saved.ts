// The searches that the reader keeps under a name.
import { signal } from "@preact/signals";

import { get, put, Refused, remove } from "../../api/client";

export interface SavedFilter {
  name: string;
  q: string;
}

/** The saved searches; null while they are unknown, or where the server keeps none. */
export const saved = signal<readonly SavedFilter[] | null>(null);

/** Reads them from the server. */
export async function readSaved(): Promise<void> {
  try {
    saved.value = (await get<{ filters: SavedFilter[] }>("filters")).filters;
  } catch {
    saved.value = null;
  }
}

/** Keeps a search under a name; gives why that did not work, else nothing. */
export async function save(name: string, q: string): Promise<string | null> {
  try {
    await put(path(name), { q });
    await readSaved();
    return null;
  } catch (error) {
    return words(error);
  }
}

/** Forgets the search of that name; gives why that did not work, else nothing. */
export async function forget(name: string): Promise<string | null> {
  try {
    await remove(path(name));
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) return words(error);
  }
  await readSaved();
  return null;
}

function path(name: string): string {
  return `filters/${encodeURIComponent(name)}`;
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
