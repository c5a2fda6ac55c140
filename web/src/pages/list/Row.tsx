// One job's row. It is drawn anew when its job changes, and for nothing else.
import { useComputed, type ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { go } from "../../app/router";
import type { JobSummary } from "../../api/types";
import { say } from "../../text/strings";
import { CELLS, NARROW_CELLS } from "./cells";
import type { Column } from "./columns";
import { learn } from "./telling";
import { current, feed, narrow, selected, selectTo, toggle } from "./view";
import { isGroup, nameOf } from "./words";

interface Props {
  job: ReadonlySignal<JobSummary>;
  index: number;
  topPx: number;
  columns: readonly Column[];
}

/** Gives the element's id of a job's row. */
export function rowId(id: string): string {
  return `row-${id}`;
}

/** Shows a job. */
export function Row({ job: source, index, topPx, columns }: Props): JSX.Element {
  const job = source.value;
  const id = job.id;
  const isSelected = useComputed(() => selected.value.has(source.value.id)).value;
  const isCurrent = useComputed(() => current.value === source.value.id).value;
  const isOpen = useComputed(() => feed.list.opened.value.has(source.value.id)).value;
  const depth = feed.list.depth(id);
  const press = (event: MouseEvent): void => {
    if ((event.target as Element).closest("a, button, label, input") || getSelection()?.isCollapsed === false) return;
    if (event.shiftKey) selectTo(id);
    else if (event.ctrlKey || event.metaKey) toggle(id);
    else go(`j/${job.number}`);
  };
  const name = nameOf(job);
  useEffect(() => learn(job), [job]);
  return (
    <div
      id={rowId(id)}
      class={`row row-${job.state}${isSelected ? " is-selected" : ""}${isCurrent ? " is-current" : ""}${depth > 0 ? " is-part" : ""}`}
      role="row"
      aria-rowindex={index + 2}
      aria-level={depth + 1}
      aria-selected={isSelected}
      aria-expanded={isGroup(job) ? isOpen : undefined}
      style={{ transform: `translateY(${topPx}px)`, "--depth": String(depth) }}
      onClick={press}
    >
      <span role="gridcell" class="cell cell-select">
        <Check isChecked={isSelected} id={id} name={name} />
      </span>
      {columns.map((column) => {
        const Cell = (narrow.value && NARROW_CELLS[column]) || CELLS[column];
        return (
          <span key={column} role="gridcell" class={`cell cell-${column}`}>
            <Cell job={job} />
          </span>
        );
      })}
    </div>
  );
}

function Check({ isChecked, id, name }: { isChecked: boolean; id: string; name: string }): JSX.Element {
  return (
    <label class="check">
      <input
        type="checkbox"
        tabIndex={-1}
        checked={isChecked}
        aria-label={say("list.select", { name })}
        onClick={(event) => {
          if (!event.shiftKey) return;
          event.preventDefault();
          selectTo(id);
        }}
        onChange={() => toggle(id)}
      />
    </label>
  );
}
