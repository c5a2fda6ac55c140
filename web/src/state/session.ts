// Who is asking, as the server sees it, and what to do when it is nobody.
import { computed, effect, signal } from "@preact/signals";

import { get, Refused, remove } from "../api/client";
import { go, query, route } from "../app/router";
import { ROOT } from "../app/root";

export interface Identity {
  name: string;
  scopes: string[];
  job: string | null;
  via: string;
}

/** The present identity: undefined until it is known, null for nobody. */
export const who = signal<Identity | null | undefined>(undefined);

/** Whether we came by a signed link, which shows one job and leads nowhere else; the address says so until it is known. */
export const byLink = computed(() => (who.value ? who.value.via === "link" : query.value.has("link")));

/** Asks the server again who we are. */
export async function recognise(): Promise<void> {
  try {
    who.value = await get<Identity>("whoami");
  } catch (error) {
    if (error instanceof Refused && error.status === 401) who.value = null;
  }
}

/** Leads to the sign-in page when the server knows nobody; called once. A signed link has its page without signing in. */
export function guard(): void {
  void recognise();
  effect(() => {
    if (who.value !== null || route.value.page === "login" || query.peek().has("link")) return;
    go(signInPath(), { replace: true });
  });
}

/** Whether signing out would change anything: only what this browser was given can be taken from it. */
export function isSignedIn(identity: Identity | null | undefined): boolean {
  return identity?.via === "session" || identity?.via === "cookie";
}

/** Ends this browser's session. */
export async function signOut(): Promise<void> {
  await remove("session");
  await recognise();
}

/** Gives the way to the sign-in page that comes back to the present one. */
export function signInPath(): string {
  const from = location.pathname.slice(ROOT.pathname.length) + location.search + location.hash;
  return from === "" ? "login" : `login?to=${encodeURIComponent(from)}`;
}

/** Gives the page below the root to go on to after signing in: never another site's. */
export function wayBack(to: string | null): string {
  if (to === null || /^\/|[\u0000-\u001f\\]/.test(to)) return "";
  const url = new URL(to, ROOT);
  const isOurs = url.origin === ROOT.origin && url.pathname.startsWith(ROOT.pathname);
  const path = url.pathname.slice(ROOT.pathname.length);
  return isOurs && path !== "login" ? path + url.search + url.hash : "";
}

