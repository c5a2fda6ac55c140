// One group in the tree: what it is called, how its jobs are, and what can be done with it.
import { signal } from "@preact/signals";
import type { JSX } from "preact";

import { pathOf } from "../../app/root";
import { go } from "../../app/router";
import { Icon } from "../../parts/Icon";
import { Menu, type Item } from "../../parts/Menu";
import { clean } from "../../text/format";
import { say } from "../../text/groups";
import type { Question } from "./Dialogs";
import type { Group } from "./documents";
import { StateBar } from "./StateBar";
import { countsOf, queryOf, safeUrl, type Row } from "./tree";

/** The groups of which only the row is shown. */
export const folded = signal<ReadonlySet<string>>(new Set());

interface Props {
  row: Row;
  mayChange: boolean;
  mayCancel: boolean;
  onAsk: (question: Question) => void;
  onTakeOut: (row: Row) => void;
}

/** A row of the tree. */
export function GroupRow({ row, mayChange, mayCancel, onAsk, onTakeOut }: Props): JSX.Element {
  const { group, parent, depth, isAgain, hasBelow } = row;
  const name = clean(group.name);
  const isFolded = folded.value.has(group.id);
  const ask = (what: Question["what"]) => (): void => onAsk({ what, group });
  const items: Item[] = [
    { label: say("jobs"), onSelect: () => go(jobsPath(group)) },
    ...(mayChange
      ? [
          { label: say("new_in"), onSelect: ask("new"), apart: true },
          { label: say("add_to"), onSelect: ask("add") },
          { label: say("rename"), onSelect: ask("rename") },
        ]
      : []),
    ...(mayCancel && countsOf(group.states).live > 0 ? [{ label: say("cancel"), onSelect: ask("cancel"), danger: true, apart: true }] : []),
    ...(mayChange
      ? [
          { label: say("take_out", { group: clean(parent.name) }), onSelect: () => onTakeOut(row), apart: true },
          { label: say("delete"), onSelect: ask("delete"), danger: true },
        ]
      : []),
  ];
  return (
    <li class="group-row" style={{ "--depth": String(depth) }}>
      <span class="group-name">
        {hasBelow && !isAgain ? (
          <button
            type="button"
            class="bare fold"
            aria-expanded={!isFolded}
            aria-label={say(isFolded ? "unfold" : "fold", { name })}
            onClick={() => toggle(group.id)}
          >
            <Icon name="chevron" class={isFolded ? "" : "is-open"} />
          </button>
        ) : (
          <span class="fold" />
        )}
        <span class="group-words">
          <a href={pagePath(group)} dir="auto">
            {name}
          </a>
          {isAgain && <span class="muted">{say("again")}</span>}
          <OwnPage group={group} />
        </span>
      </span>
      <StateBar states={group.states} />
      <Menu label={say("menu", { name })} button={<Dots />} class="bare" items={items} />
    </li>
  );
}

/** The page that a group names as its own; nothing where it names none, or none of the web. */
export function OwnPage({ group }: { group: Group }): JSX.Element | null {
  const url = safeUrl(group.url, location.href);
  if (url === null) return null;
  return (
    <a class="group-url" href={url} rel="noreferrer" title={url} aria-label={say("url", { name: clean(group.name) })}>
      <Icon name="link" />
    </a>
  );
}

function Dots(): JSX.Element {
  return (
    <svg class="dots" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d="M3 8h.01M8 8h.01M13 8h.01" />
    </svg>
  );
}

/** Gives the address of a group's page. */
export function pagePath(group: Pick<Group, "id">): string {
  return pathOf(`groups?id=${encodeURIComponent(group.id)}`);
}

/** Gives the place, below the root, of the list of all jobs below a group. */
export function jobsPath(group: Pick<Group, "id">): string {
  return `?q=${encodeURIComponent(queryOf(group.id))}`;
}

function toggle(id: string): void {
  const next = new Set(folded.peek());
  if (!next.delete(id)) next.add(id);
  folded.value = next;
}
