// The tree of groups, each with how its jobs are; it follows what happens.
import { signal, useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { get, Refused } from "../../api/client";
import { pathOf } from "../../app/root";
import { query } from "../../app/router";
import { follow } from "../../state/live";
import { who } from "../../state/session";
import { clean } from "../../text/format";
import { say } from "../../text/groups";
import "../../style/groups.css";
import type { Tree } from "./documents";
import { StateBar } from "./StateBar";
import { queryOf, rowsOf, safeUrl, type Row } from "./tree";

const MOST = 5000;
/** So long after a change nothing is asked: more of them come together. */
const GATHER_MS = 700;

interface Told {
  tree: Tree | null;
  absent: boolean;
  refused: string | null;
}

/** Reads a group's tree now and whenever something below it has changed; gives a function that ends this. */
function watch(id: string, hear: (told: Told) => void): () => void {
  const stop = new AbortController();
  let stopFollowing: (() => void) | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = async (): Promise<void> => {
    timer = undefined;
    try {
      const path = `groups/${encodeURIComponent(id)}/tree`;
      const tree = await get<Tree>(path, { limit: MOST }, stop.signal);
      if (stop.signal.aborted) return;
      hear({ tree, absent: false, refused: null });
      stopFollowing ??= follow({ group: tree.groups[0]?.id ?? id }, null, again);
    } catch (error) {
      if (stop.signal.aborted) return;
      const absent = error instanceof Refused && error.status === 404;
      hear({ tree: null, absent, refused: absent ? null : error instanceof Error ? error.message : String(error) });
    }
  };
  const again = (): void => {
    timer ??= setTimeout(() => void read(), GATHER_MS);
  };
  void read();
  return () => {
    stop.abort();
    clearTimeout(timer);
    stopFollowing?.();
  };
}

const NOTHING: Told = { tree: null, absent: false, refused: null };
const folded = signal<ReadonlySet<string>>(new Set());

/** The page of groups: below the one that the address names, or below one's own root. */
export function GroupsPage(): JSX.Element {
  const asked = query.value.get("id");
  const id = asked ?? who.value?.name ?? "";
  const told = useSignal<Told>(NOTHING);
  const rows = useComputed(() => (told.value.tree === null ? [] : rowsOf(told.value.tree, folded.value)));
  useEffect(() => {
    document.title = `${say("title")} · Headway`;
  }, []);
  useEffect(() => {
    told.value = NOTHING;
    if (id === "") return;
    return watch(id, (news) => (told.value = news));
  }, [id, told]);
  const { tree, absent, refused } = told.value;
  return (
    <div class="groups">
      <h1>{say("title")}</h1>
      {asked !== null && <a href={pathOf("groups")}>{say("up")}</a>}
      {refused !== null && <p role="alert">{refused}</p>}
      {absent && (asked === null ? <Hint /> : <p>{say("absent")}</p>)}
      {tree !== null && (
        <ul class="group-tree">
          {rows.value.map((row) => (
            <GroupRow key={row.key} row={row} />
          ))}
        </ul>
      )}
      {tree?.is_whole === false && <p class="muted">{say("more")}</p>}
    </div>
  );
}

function GroupRow({ row: { group, depth, isAgain, hasBelow } }: { row: Row }): JSX.Element {
  const name = clean(group.name);
  const url = safeUrl(group.url, location.href);
  const isFolded = folded.value.has(group.id);
  return (
    <li class="group-row">
      <span class="group-name" style={{ paddingInlineStart: `${depth * 1.4}rem` }}>
        {hasBelow && !isAgain ? (
          <button
            type="button"
            class="plain fold"
            aria-expanded={!isFolded}
            aria-label={say(isFolded ? "unfold" : "fold", { name })}
            onClick={() => toggle(group.id)}
          >
            {isFolded ? "▸" : "▾"}
          </button>
        ) : (
          <span class="fold" />
        )}
        <a href={pathOf(`?q=${encodeURIComponent(queryOf(group.id))}`)} title={say("jobs", { name })} dir="auto">
          {name}
        </a>
        {isAgain && <span class="muted"> ({say("again")})</span>}
        {url !== null && (
          <a class="group-url" href={url} rel="noreferrer">
            {say("url")}
          </a>
        )}
      </span>
      <StateBar states={group.states} />
    </li>
  );
}

function toggle(id: string): void {
  const next = new Set(folded.peek());
  if (!next.delete(id)) next.add(id);
  folded.value = next;
}

function Hint(): JSX.Element {
  const [before, between, after] = say("how", { command: "\0", option: "\0" }).split("\0");
  return (
    <div class="notice">
      <p>{say("none")}</p>
      <p>
        {before}
        <code>headway group create nightly</code>
        {between}
        <code>--group nightly</code>
        {after}
      </p>
    </div>
  );
}
