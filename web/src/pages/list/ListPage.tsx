// The list of jobs.
import { computed, effect, untracked, useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect } from "preact/hooks";

import "../../style/list.css";
import { pathOf } from "../../app/root";
import { query, route } from "../../app/router";
import { Icon } from "../../parts/Icon";
import { Troubles } from "../../parts/Troubles";
import { MOST_JOBS } from "../../state/jobs";
import { count } from "../../text/format";
import { say } from "../../text/strings";
import { BulkBar } from "./BulkBar";
import { ColumnsMenu } from "./ColumnsMenu";
import { FirstRun, NothingFound } from "./Empty";
import { loadAll, type Phase } from "./feed";
import { FiltersMenu } from "./FiltersMenu";
import { Grid } from "./Grid";
import { Help } from "./Help";
import { press } from "./keys";
import { SearchBox } from "./SearchBox";
import { clearSelection, current, feed, narrow, scrolled } from "./view";

/** The page `/`. */
export function ListPage(): JSX.Element {
  const isHelping = useSignal(false);
  useJobs();
  useEffect(() => {
    document.title = say("app.name");
    const help = (): void => void (isHelping.value = true);
    const key = (event: KeyboardEvent): void => void press(event, help);
    document.addEventListener("keydown", key);
    return () => document.removeEventListener("keydown", key);
  }, []);
  const isFirstRun = useComputed(
    () => feed.shown.value === "" && (query.value.get("q") ?? "") === "" && feed.list.top.value.length === 0 && feed.list.complete.value,
  );
  if (isFirstRun.value) return <FirstRun />;
  return (
    <div class="list">
      <h1 class="unseen">{say("list.title")}</h1>
      <Troubles />
      <div class="tools">
        <SearchBox />
        <Count />
        <span class="tools-end">
          <FiltersMenu />
          {!narrow.value && <ColumnsMenu />}
          {!narrow.value && (
            <button type="button" class="help-button" aria-label={say("help.button")} title={say("help.button")} onClick={() => (isHelping.value = true)}>
              ?
            </button>
          )}
        </span>
      </div>
      <Middle />
      <Most />
      <BulkBar />
      {isHelping.value && <Help onClose={() => (isHelping.value = false)} />}
    </div>
  );
}

function Middle(): JSX.Element | null {
  const phase = feed.phase.value;
  const isEmpty = useComputed(() => feed.list.top.value.length === 0);
  if (feed.shown.value === null) return phase.kind === "loading" ? <p class="notice muted">{say("list.loading")}</p> : <Failed phase={phase} />;
  if (isEmpty.value) return <NothingFound q={feed.shown.value} />;
  return <Grid />;
}

/** Says so where the list ends although there are older jobs. */
function Most(): JSX.Element | null {
  const isFull = useComputed(() => !feed.list.complete.value && feed.list.top.value.length >= MOST_JOBS);
  return isFull.value ? <p class="most muted">{say("list.most", { n: count(MOST_JOBS) })}</p> : null;
}

/** What is shown while nothing could be loaded yet; why a search was not understood is told under its box. */
function Failed({ phase }: { phase: Phase }): JSX.Element {
  if (phase.kind === "refused") {
    return (
      <section class="notice">
        <p>{say("list.not_understood")}</p>
        <a href={pathOf("")}>{say("filters.all")}</a>
      </section>
    );
  }
  return (
    <section class="notice" role="alert">
      <Icon name="problem" />
      <p>{say("list.not_loaded", { why: phase.kind === "failed" ? phase.why : "" })}</p>
      <button type="button" onClick={() => void feed.ask(query.peek().get("q") ?? "")}>
        {say("list.retry")}
      </button>
    </section>
  );
}

function Count(): JSX.Element {
  const words = useComputed(() => {
    const n = feed.list.top.value.length;
    if (feed.shown.value === null) return "";
    if (!feed.list.complete.value) return say("list.count_more", { n: count(n) });
    return n === 1 ? say("list.count_one") : say("list.count", { n: count(n) });
  });
  return <span class="count muted number">{words}</span>;
}

/** Has the feed read what the address bar asks for, and keeps reading while the page is shown. */
function useJobs(): void {
  // An effect of its own, which runs at once: useSignalEffect waits for the next frame, half the time until a search is seen.
  useLayoutEffect(() => {
    const q = computed(() => (query.value.get("q") ?? "").trim());
    return effect(() => {
      const text = q.value;
      if (route.peek().page === "list") untracked(() => turnTo(text)); // else one is about to leave
    });
  }, []);
  useEffect(() => {
    const isThrifty = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
    const stop = isThrifty || innerWidth <= 640 ? () => undefined : loadAll(feed);
    return () => {
      stop();
      feed.close();
    };
  }, []);
}

function turnTo(q: string): void {
  if (feed.shown.peek() !== null && feed.shown.peek() !== q) {
    clearSelection();
    current.value = null;
    if (scrolled.peek() > 0) document.querySelector('[role="treegrid"]')?.scrollTo(0, 0);
    scrolled.value = 0;
  }
  void feed.ask(q);
}
