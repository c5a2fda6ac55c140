// Which page is shown: the address bar, as signals.
import { computed, signal } from "@preact/signals";

import { ROOT, at } from "./root";

export type Route =
  | { page: "list" }
  | { page: "job"; ref: string }
  | { page: "admin" }
  | { page: "groups" }
  | { page: "login" }
  | { page: "unknown"; path: string };

const TYPING_MS = 300;

const here = signal(new URL(location.href));
/** Whether the address bar says what is shown. */
let isWritten = true;
let writing: ReturnType<typeof setTimeout> | undefined;

/** The query of the present address. */
export const query = computed(() => here.value.searchParams);

/** The fragment of the present address, without `#`. */
export const fragment = computed(() => here.value.hash.slice(1));

/** The page that the present address names. */
export const route = computed<Route>(() => routeOf(here.value.pathname.slice(ROOT.pathname.length)));

/** Reads a path below the root. */
export function routeOf(path: string): Route {
  if (path === "") return { page: "list" };
  if (path === "admin") return { page: "admin" };
  if (path === "groups") return { page: "groups" };
  if (path === "login") return { page: "login" };
  const job = /^j\/([^/]+)$/.exec(path);
  if (job?.[1] !== undefined) return { page: "job", ref: decodeURIComponent(job[1]) };
  return { page: "unknown", path };
}

/** Shows another page of ours; `path` is below the root and may have a query and a fragment. */
export function go(path: string, how: { replace?: boolean } = {}): void {
  write();
  history[how.replace ? "replaceState" : "pushState"](null, "", at(path));
  here.value = new URL(location.href);
  if (!how.replace) window.scrollTo(0, 0);
}

/**
 * Changes the present address's query, leaving out what is empty; no new entry in the history.
 *
 * `typing`: more of it may follow at once; the page takes it now, the address bar when the fingers rest. Browsers count how
 * often it is written to, and writing it costs them more than showing what was searched.
 */
export function setQuery(changes: Record<string, string | null>, how: { typing?: boolean } = {}): void {
  const url = new URL(here.peek());
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  replace(url, how.typing === true);
}

/** Changes the present address's fragment; no new entry in the history. */
export function setFragment(text: string): void {
  const url = new URL(here.peek());
  url.hash = text;
  replace(url, false);
}

function replace(url: URL, isTyping: boolean): void {
  here.value = url;
  isWritten = false;
  clearTimeout(writing);
  if (isTyping) writing = setTimeout(write, TYPING_MS);
  else write();
}

/** Has the address bar say what is shown. */
function write(): void {
  clearTimeout(writing);
  if (!isWritten) history.replaceState(null, "", here.peek().href);
  isWritten = true;
}

/** Follows links to our own pages without loading anything anew, and the browser's back and forward. */
export function listen(): void {
  const moved = (): void => {
    clearTimeout(writing);
    isWritten = true;
    here.value = new URL(location.href);
  };
  window.addEventListener("popstate", moved);
  window.addEventListener("hashchange", moved);
  window.addEventListener("pagehide", write);
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (!link.pathname.startsWith(ROOT.pathname)) return;
    const path = link.pathname.slice(ROOT.pathname.length);
    if (routeOf(path).page === "unknown") return;
    event.preventDefault();
    go(path + link.search + link.hash);
  });
}
