// What is around every page: the name, the ways to the other pages, the live connection in words, the colours.
import { useComputed } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";

import type { Status } from "../api/live";
import { Toasts } from "../parts/Toast";
import { now } from "../state/clock";
import { live } from "../state/live";
import { theme, type Theme } from "../state/prefs";
import { byLink, isSignedIn, signInPath, signOut, who } from "../state/session";
import { clean } from "../text/format";
import { say as sayOfGroups } from "../text/groups";
import { say } from "../text/strings";
import { pathOf } from "./root";
import { route, type Route } from "./router";

/** Frames a page. */
export function Shell({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        {say("app.skip")}
      </button>
      <header class="top">
        {byLink.value ? <Nameplate /> : <Ways />}
        <LiveWords />
        <ThemeChoice />
        <SignOut />
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Toasts />
    </>
  );
}

function Ways(): JSX.Element {
  return (
    <>
      <a class="brand" href={pathOf("")}>
        <Sign />
        <span class="brand-name">{say("app.name")}</span>
      </a>
      <nav aria-label={say("app.name")}>
        <Way to="" page="list" words={say("nav.jobs")} />
        <Way to="groups" page="groups" words={sayOfGroups("title")} />
        <Way to="admin" page="admin" words={say("nav.admin")} />
      </nav>
    </>
  );
}

/** Whoever came by a link sees one job; every other way would end at the sign-in page. */
function Nameplate(): JSX.Element {
  return (
    <>
      <span class="brand">
        <Sign />
        {say("app.name")}
      </span>
      <span class="by-link muted">{say("nav.by_link")}</span>
    </>
  );
}

/** The sign of our pages, as in headway.views.icon. */
function Sign(): JSX.Element {
  return (
    <svg class="sign" viewBox="0 0 16 16" width="18" height="18" aria-hidden="true" focusable="false">
      <rect width="16" height="16" rx="3.5" />
      <path d="M3.5 4.5h9M3.5 8h6M3.5 11.5h3" />
    </svg>
  );
}

function Way({ to, page, words }: { to: string; page: Route["page"]; words: string }): JSX.Element {
  return (
    <a href={pathOf(to)} aria-current={route.value.page === page ? "page" : undefined}>
      {words}
    </a>
  );
}

/** For those whom this browser's cookie signs in; nobody else could be signed out. */
function SignOut(): JSX.Element | null {
  const identity = who.value;
  if (!isSignedIn(identity)) return null;
  return (
    <span class="signed-in">
      <span class="muted">{clean(identity?.name ?? "")}</span>
      <button type="button" onClick={() => void signOut()}>
        {say("nav.sign_out")}
      </button>
    </span>
  );
}

function LiveWords(): JSX.Element | null {
  const connection = live.value;
  if (connection === null) return null;
  const status = connection.status.value;
  return (
    <span class={`live live-${status.kind}`}>
      <span class="live-dot" aria-hidden="true" />
      <span role="status">{words(status)}</span>
      {status.kind === "denied" && <a href={pathOf(signInPath())}>{say("nav.sign_in")}</a>}
      {status.kind === "lost" && (
        <>
          <Countdown until={status.nextTry} />
          <button type="button" class="plain" onClick={() => connection.retry()}>
            {say("live.retry")}
          </button>
        </>
      )}
    </span>
  );
}

function words(status: Status): string {
  if (status.kind === "connecting") return say("live.connecting");
  if (status.kind === "denied") return say("live.denied");
  if (status.kind === "lost") return say("live.lost");
  if (status.way === "sse") return say("live.sse");
  return status.way === "polling" ? say("live.polling", { s: 2 }) : say("live.live");
}

/** Counts down outside the live region, which would otherwise be read out every second. */
function Countdown({ until }: { until: number }): JSX.Element {
  const left = useComputed(() => Math.max(0, Math.ceil((until - now.value) / 1000)));
  return <span aria-hidden="true">{say("live.next", { s: left.value })}</span>;
}

function ThemeChoice(): JSX.Element {
  return (
    <label class="theme">
      <span class="unseen">{say("theme.label")}</span>
      <select value={theme.value} onChange={(event) => (theme.value = event.currentTarget.value as Theme)}>
        <option value="system">{say("theme.system")}</option>
        <option value="light">{say("theme.light")}</option>
        <option value="dark">{say("theme.dark")}</option>
      </select>
    </label>
  );
}
