// What the native protocol says of the server itself; see docs/reference/rest-api.md.

export interface Cluster {
  name: string;
  kind: string;
  health: "ok" | "trouble";
  detail: string;
  /** Not told by an older server. */
  trouble?: { what: "down" | "slow" | "other"; since: string } | null;
  accepted: number;
  queued: number;
  running: number;
  room: number | null;
  runs_as: string | null;
  adopts: boolean;
  others: number | null;
}

export interface Storage {
  jobs: number;
  tokens: number;
  database_bytes: number;
  reusable_bytes: number;
  disk_bytes: number;
  disk_free_bytes: number;
}

export type Scope = "read" | "report" | "run" | "admin";

export interface Token {
  id: string;
  user: string;
  note: string;
  scopes: Scope[];
  created: string;
  expires: string | null;
  revoked: string | null;
}

export interface NewToken extends Token {
  token: string;
}

/** Whether a token still opens anything. */
export function isGood(token: Token, nowMs: number): boolean {
  return token.revoked === null && (token.expires === null || Date.parse(token.expires) > nowMs);
}

/** What each scope holds beside itself. */
export const INCLUDES: Record<Scope, readonly Scope[]> = {
  read: [],
  report: [],
  run: ["read", "report"],
  admin: ["read", "report", "run"],
};

export const SCOPES: readonly Scope[] = ["read", "report", "run", "admin"];
