// A tree of groups, as rows from top to bottom. Pure.
import type { Group, Tree } from "./documents";

/** One row: a group at one of its places. `isAgain`: what is below it is shown at a place above. */
export interface Row {
  key: string;
  group: Group;
  depth: number;
  isAgain: boolean;
  hasBelow: boolean;
}

/** Gives the rows, without what is below the groups that are folded. A group in several others comes once for each. */
export function rowsOf(tree: Tree, folded: ReadonlySet<string>): Row[] {
  const groups = new Map(tree.groups.map((group) => [group.id, group]));
  const below = new Map<string, string[]>();
  for (const place of tree.places) {
    if (place.kind !== "group") continue;
    const known = below.get(place.group);
    if (known) known.push(place.id);
    else below.set(place.group, [place.id]);
  }
  const rows: Row[] = [];
  const shown = new Set<string>();
  const top = tree.groups[0];
  const waiting: { id: string; depth: number; key: string }[] = top ? [{ id: top.id, depth: 0, key: "0" }] : [];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const group = groups.get(next.id);
    if (!group) continue;
    const children = below.get(group.id) ?? [];
    const isAgain = shown.has(group.id) && children.length > 0;
    rows.push({ key: next.key, group, depth: next.depth, isAgain, hasBelow: children.length > 0 });
    shown.add(group.id);
    if (isAgain || folded.has(group.id)) continue;
    for (let place = children.length - 1; place >= 0; place -= 1) {
      waiting.push({ id: children[place] as string, depth: next.depth + 1, key: `${next.key}.${place}` });
    }
  }
  return rows;
}

/** Writes the query that finds the jobs below a group. */
export function queryOf(id: string): string {
  return `group:"${id.replace(/[\\"]/g, (character) => `\\${character}`)}"`;
}

/** Gives an address that may be followed from here: of the web, or of this server. */
export function safeUrl(url: string | null, base: string): string | null {
  if (url === null) return null;
  try {
    const found = new URL(url, base);
    return found.protocol === "http:" || found.protocol === "https:" ? found.href : null;
  } catch {
    return null;
  }
}
