// The tabs of a job's page: one panel at a time, named in the address.
import { useComputed, useSignal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { FINAL, type JobDocument } from "../../api/types";
import { fragment, query, setFragment, setQuery } from "../../app/router";
import { readPlace } from "../../log/place";
import type { JobState } from "../../state/job";
import { count } from "../../text/format";
import { say } from "../../text/job";
import { Children } from "./Children";
import { Counters } from "./Counters";
import { Details } from "./Details";
import { Events } from "./Events";
import { InOut } from "./InOut";
import { LogTab } from "./LogTab";
import { More } from "./More";
import { Share } from "./Share";
import { Timeline } from "./Timeline";
import { Workers } from "./Workers";

const PANELS = {
  children: Children,
  workers: Workers,
  log: LogTab,
  timeline: Timeline,
  counters: Counters,
  io: InOut,
  details: Details,
  events: Events,
  share: Share,
} satisfies Record<string, ComponentType<{ state: JobState }>>;

type Tab = keyof typeof PANELS;

/** The row of tabs and the panel that is chosen. */
export function Tabs({ state }: { state: JobState }): JSX.Element {
  const otherwise = useSignal<Tab | null>(null);
  const chosen = useComputed<Tab>(() => {
    const asked = query.value.get("tab");
    if (asked !== null && asked in PANELS && isShown(asked as Tab, state.document.value)) return asked as Tab;
    if (readPlace(fragment.value) !== null) return "log";
    return otherwise.value ?? "workers";
  });
  // What is shown first is decided once: a first report must not take the log away from who reads it.
  if (otherwise.value === null && state.document.value !== null) otherwise.value = firstOf(state.document.value);
  const job = state.document.value;
  if (job === null) return <></>;
  const tabs = (Object.keys(PANELS) as Tab[]).filter((tab) => isShown(tab, job));
  const Panel = PANELS[chosen.value];
  return (
    <>
      <TabRow tabs={tabs} chosen={chosen.value} state={state} />
      <section
        class="tab-panel"
        role="tabpanel"
        id={`panel-${chosen.value}`}
        aria-labelledby={`tab-${chosen.value}`}
        tabIndex={0}
        key={chosen.value}
      >
        <Panel state={state} />
      </section>
    </>
  );
}

function isShown(tab: Tab, job: JobDocument | null): boolean {
  if (tab === "children") return job !== null && sum(job.children) > 0;
  return tab !== "share" || (job?.may.includes("share") ?? false);
}

function sum(children: JobDocument["children"]): number {
  return Object.values(children).reduce((all, n) => all + n, 0);
}

function firstOf(job: JobDocument): Tab {
  if (sum(job.children) > 0) return "children";
  if (job.workers.count > 0 || (job.workers.announced ?? 0) > 0 || job.links.stdout === undefined) return "workers";
  // Of a function people want to know what it gave, or where it broke.
  if (job.function && job.state === "succeeded" && job.result !== null) return "io";
  if (job.function && job.error?.traceback) return "details";
  return FINAL.has(job.state) || job.started !== null ? "log" : "timeline";
}

function TabRow({ tabs, chosen, state }: { tabs: readonly Tab[]; chosen: Tab; state: JobState }): JSX.Element {
  const row = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    row.current?.querySelector(`#tab-${chosen}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [chosen]);
  const choose = (tab: Tab): void => {
    if (tab !== "log" && fragment.peek() !== "") setFragment("");
    setQuery({ tab });
  };
  const press = (event: KeyboardEvent): void => {
    const at = tabs.indexOf(chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    const tab = to === undefined ? undefined : tabs[to % tabs.length];
    if (tab === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    choose(tab);
    row.current?.querySelector<HTMLElement>(`#tab-${tab}`)?.focus();
  };
  return (
    <div class="tabs-frame">
      <div class="tabs" role="tablist" aria-label={say("tabs")} ref={row} onKeyDown={press}>
        {tabs.map((tab) => (
          <button
            key={tab}
            type="button"
            role="tab"
            id={`tab-${tab}`}
            class="tab"
            aria-selected={tab === chosen}
            aria-controls={tab === chosen ? `panel-${tab}` : undefined}
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => choose(tab)}
          >
            {say(tab === "children" && state.document.value?.array ? "tab.elements" : `tab.${tab}`)}
            <Amount tab={tab} state={state} />
          </button>
        ))}
      </div>
      <More row={row} side="before" items={tabs.join()} />
      <More row={row} side="after" items={tabs.join()} />
    </div>
  );
}

function Amount({ tab, state }: { tab: Tab; state: JobState }): JSX.Element | null {
  const job = state.document.value;
  const n =
    tab === "workers" ? job?.workers.count : tab === "counters" ? state.counters.value.length : tab === "children" ? sum(job?.children ?? {}) : 0;
  return n ? <span class="tab-count number">{count(n)}</span> : null;
}
