// A group: what it is in, how its jobs are, the groups and the jobs in it, and what can be done with them.
import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import type { JobSummary } from "../../api/types";
import { pathOf } from "../../app/root";
import { go, query } from "../../app/router";
import { Icon } from "../../parts/Icon";
import { Menu } from "../../parts/Menu";
import { who } from "../../state/session";
import { clean } from "../../text/format";
import { jobsWords, say } from "../../text/groups";
import "../../style/groups.css";
import { nameOf } from "../job/names";
import { allowed } from "../list/bulk";
import { mayChange, takeOut } from "./acting";
import { Dialogs, type Question } from "./Dialogs";
import type { Group } from "./documents";
import { folded, GroupRow, jobsPath, OwnPage, pagePath } from "./GroupRow";
import { Jobs } from "./Jobs";
import { Reading } from "./reading";
import { StateBar } from "./StateBar";
import { countsOf, rowsOf, type Row } from "./tree";

/** The page of groups: the one that the address names, or one's own root. */
export function GroupsPage(): JSX.Element | null {
  const asked = query.value.get("id");
  const id = asked ?? who.value?.name ?? "";
  return id === "" ? null : <One key={id} id={id} isOwnRoot={asked === null} />;
}

function One({ id, isOwnRoot }: { id: string; isOwnRoot: boolean }): JSX.Element {
  const reading = useMemo(() => new Reading(id, isOwnRoot), [id, isOwnRoot]);
  const asked = useSignal<Question | null>(null);
  const rows = useComputed(() => (reading.tree.value === null ? [] : rowsOf(reading.tree.value, folded.value))).value;
  useEffect(() => () => reading.close(), [reading]);
  const tree = reading.tree.value;
  const group = tree?.groups[0] ?? null;
  const title = isOwnRoot || group === null ? say("title") : clean(group.name);
  useEffect(() => {
    document.title = `${title} · Headway`;
  }, [title]);
  const may = mayChange(who.value?.scopes);
  const ask = (question: Question): void => void (asked.value = question);
  const done = ({ what, group: changed }: Question): void => {
    if (what === "delete" && changed?.id === group?.id && !isOwnRoot) go("groups");
    else reading.again();
  };
  const jobs = reading.jobs.value;
  const isEmpty = rows.length === 0 && jobs.length === 0;
  return (
    <div class="groups">
      <header class="group-head">
        {!isOwnRoot && <Crumbs parents={reading.parents.value} />}
        <div class="group-title">
          <h1 dir="auto">{title}</h1>
          {group !== null && !isOwnRoot && <OwnPage group={group} />}
          {(group !== null || (isOwnRoot && reading.absent.value)) && <Actions group={group} isOwnRoot={isOwnRoot} may={may} onAsk={ask} />}
        </div>
        {group !== null && countsOf(group.states).all > 0 && (
          <div class="group-sum">
            <StateBar states={group.states} />
            <a href={pathOf(jobsPath(group))}>{say("all_jobs", { n: jobsWords(countsOf(group.states).all) })}</a>
          </div>
        )}
      </header>
      {reading.refused.value !== null && <p role="alert">{clean(reading.refused.value)}</p>}
      {reading.absent.value && (isOwnRoot ? <Hint /> : <p>{say("absent")}</p>)}
      {tree !== null && isEmpty && (isOwnRoot ? <Hint /> : <p class="muted">{say("empty")}</p>)}
      {rows.length > 0 && (
        <section class="group-part" aria-label={say("groups_in")}>
          {!isOwnRoot && <h2>{say("groups_in")}</h2>}
          <ul class="group-list">
            {rows.map((row) => (
              <GroupRow
                key={row.key}
                row={row}
                mayChange={may}
                mayCancel={allowed(who.value?.scopes).includes("cancel")}
                onAsk={ask}
                onTakeOut={(one) => void takeOut(one.parent, insideOf(one), reading.again)}
              />
            ))}
          </ul>
          {tree?.is_whole === false && <p class="muted">{say("more")}</p>}
        </section>
      )}
      {group !== null && jobs.length > 0 && (
        <Jobs
          jobs={jobs}
          areAll={reading.areAll.value}
          mayChange={may}
          onTakeOut={(job) => void takeOut(group, insideOf(job), reading.again)}
          onMore={() => reading.more()}
        />
      )}
      {reading.users.value.length > 0 && <Users users={reading.users.value} />}
      {asked.value !== null && <Dialogs question={asked.value} onDone={done} onClose={() => (asked.value = null)} />}
    </div>
  );
}

function insideOf(one: Row | JobSummary): { kind: "group" | "job"; id: string; name: string } {
  if ("group" in one) return { kind: "group", id: one.group.id, name: clean(one.group.name) };
  return { kind: "job", id: one.id, name: nameOf(one) };
}

/** The way back to all groups, and those that this one is in. */
function Crumbs({ parents }: { parents: readonly Group[] }): JSX.Element {
  const named = parents.filter((parent) => !(parent.is_root && parent.name === who.value?.name));
  return (
    <nav class="crumbs" aria-label={say("in")}>
      <a href={pathOf("groups")}>{say("title")}</a>
      {named.map((parent, place) => (
        <span key={parent.id}>
          <span aria-hidden="true">{place === 0 ? "/" : "·"} </span>
          <a href={pagePath(parent)}>
            <bdi>{clean(parent.name)}</bdi>
          </a>
        </span>
      ))}
    </nav>
  );
}

interface ActionsProps {
  group: Group | null;
  isOwnRoot: boolean;
  may: boolean;
  onAsk: (question: Question) => void;
}

function Actions({ group, isOwnRoot, may, onAsk }: ActionsProps): JSX.Element {
  const mayCancel = allowed(who.value?.scopes).includes("cancel");
  return (
    <span class="group-actions">
      {group !== null && !isOwnRoot && mayCancel && countsOf(group.states).live > 0 && (
        <button type="button" class="danger" onClick={() => onAsk({ what: "cancel", group })}>
          <Icon name="cancelled" />
          {say("cancel")}
        </button>
      )}
      {may && group !== null && !isOwnRoot && (
        <button type="button" onClick={() => onAsk({ what: "add", group })}>
          {say("add_to")}
        </button>
      )}
      {may && (
        <button type="button" class={isOwnRoot ? "primary" : ""} onClick={() => onAsk({ what: "new", group: isOwnRoot ? null : group })}>
          {say("new")}
        </button>
      )}
      {may && group !== null && !isOwnRoot && (
        <Menu
          label={say("menu", { name: clean(group.name) })}
          button={say("menu_more")}
          items={[
            { label: say("rename"), onSelect: () => onAsk({ what: "rename", group }) },
            { label: say("delete"), onSelect: () => onAsk({ what: "delete", group }), danger: true },
          ]}
        />
      )}
    </span>
  );
}

/** Roots that stand for somebody whom a program of one's own knows. */
function Users({ users }: { users: readonly Group[] }): JSX.Element {
  return (
    <section class="group-part" aria-label={say("users")}>
      <h2>{say("users")}</h2>
      <p class="muted">{say("users_words")}</p>
      <ul class="group-list">
        {users.map((user) => (
          <li key={user.id} class="group-row">
            <span class="group-name">
              <span class="fold" />
              <a href={pagePath(user)} dir="auto" class="group-words">
                {clean(user.name)}
              </a>
            </span>
            <StateBar states={user.states} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Hint(): JSX.Element {
  const [before, between, after] = say("how", { command: "\0", option: "\0" }).split("\0");
  return (
    <div class="group-hint">
      <p>{say("none")}</p>
      <p class="muted">
        {before}
        <code>headway group create nightly</code>
        {between}
        <code>--group nightly</code>
        {after}
      </p>
    </div>
  );
}
