// What can be done with the jobs that are selected.
import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { count } from "../../text/format";
import { say } from "../../text/strings";
import type { Action, Meant } from "./bulk";
import { BulkDialog } from "./BulkDialog";
import { clearSelection, feed, hasSelection, isWhole, selected } from "./view";

const ACTIONS: readonly Action[] = ["cancel", "retry", "label", "hide"];

/** Shows the actions while something is selected; below the list, so that no row moves away from under the pointer. */
export function BulkBar(): JSX.Element | null {
  const asked = useSignal<Exclude<Action, "unhide"> | null>(null);
  const canWiden = useComputed(() => !feed.list.complete.value && !isWhole.value && selected.value.size >= feed.list.top.value.length);
  if (!hasSelection.value) return null;
  const n = isWhole.value ? say("bulk.whole_selected") : say("bulk.selected", { n: count(selected.value.size) });
  return (
    <section class="bulk" aria-label={say("bulk.bar")}>
      <strong class="number">{n}</strong>
      {canWiden.value && (
        <button type="button" class="plain" onClick={() => (isWhole.value = true)}>
          {say("bulk.whole")}
        </button>
      )}
      <span class="bulk-actions">
        {ACTIONS.map((action) => (
          <button
            key={action}
            type="button"
            class={action === "cancel" ? "danger" : ""}
            onClick={() => (asked.value = action as Exclude<Action, "unhide">)}
          >
            {say(`bulk.${action as Exclude<Action, "unhide">}`)}
          </button>
        ))}
      </span>
      <button type="button" class="plain" onClick={clearSelection}>
        {say("bulk.clear")}
      </button>
      {asked.value !== null && <BulkDialog action={asked.value} meant={meant()} onClose={() => (asked.value = null)} />}
    </section>
  );
}

function meant(): Meant {
  return isWhole.peek() ? { q: feed.shown.peek() ?? "" } : { ids: [...selected.peek()] };
}
