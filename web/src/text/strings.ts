// Every word the page shows, in one place. A part asks for its words by key; `{name}` is filled in.
import { LIST } from "./list";

const EN = {
  ...LIST,
  "app.name": "Headway",
  "app.skip": "Skip to content",
  "nav.jobs": "Jobs",
  "nav.admin": "Admin",
  "nav.by_link": "shown by a link",
  "nav.sign_out": "Sign out",
  "nav.sign_in": "Sign in",
  "theme.label": "Colours",
  "theme.system": "System",
  "theme.light": "Light",
  "theme.dark": "Dark",
  "live.connecting": "Connecting…",
  "live.live": "Live",
  "live.sse": "Live (server-sent events)",
  "live.polling": "Every {s} s (no live connection here)",
  "live.lost": "Connection lost",
  "live.next": "next try in {s} s",
  "live.retry": "Try now",
  "live.denied": "Not signed in any more",
  "state.accepted": "accepted",
  "state.queued": "queued",
  "state.running": "running",
  "state.succeeded": "succeeded",
  "state.failed": "failed",
  "state.cancelled": "cancelled",
  "state.stalled": "stalled",
  "state.files": "files",
  "state.executor_down": "no answer",
  "state.executor_slow": "slow cluster",
  "page.unknown": "There is no page {path} here.",
  "page.home": "To the list of jobs",
  "error.title": "That did not work",
  "copy.copy": "Copy",
  "copy.done": "Copied",
} as const;

export type Key = keyof typeof EN;

/** Gives the words of a key with `{name}` filled in. */
export function say(key: Key, values: Record<string, string | number> = {}): string {
  return EN[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
