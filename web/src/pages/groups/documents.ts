// Groups as the native protocol tells of them.
import type { JobSummary, State } from "../../api/types";

export interface Group {
  id: string;
  name: string;
  url: string | null;
  is_root: boolean;
  loose: string | null;
  states: Partial<Record<State, number>>;
}

export interface GroupsPage {
  groups: Group[];
  next: string | null;
}

/** What (`id`) is in what (`group`). */
export interface Place {
  group: string;
  kind: "group" | "job";
  id: string;
}

export interface Tree {
  groups: Group[];
  places: Place[];
  is_whole: boolean;
}

/** Some of the jobs that are directly in a group. */
export interface MembersPage {
  members: { kind: "group" | "job"; job?: JobSummary }[];
  next: string | null;
}
