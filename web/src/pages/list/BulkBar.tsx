// What can be done with the jobs that are selected.
import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { count } from "../../text/format";
import { who } from "../../state/session";
import { say } from "../../text/strings";
import { allowed, type Meant, type Offered } from "./bulk";
import { BulkDialog } from "./BulkDialog";
import { clearSelection, feed, hasSelection, isWhole, selected } from "./view";

/** Shows the actions while something is selected; below the list, so that no row moves away from under the pointer. */
export function BulkBar(): JSX.Element | null {
  const asked = useSignal<Offered | null>(null);
  const actions = useComputed(() => allowed(who.value?.scopes)).value;
  const canWiden = useComputed(() => !feed.list.complete.value && !isWhole.value && selected.value.size >= feed.list.top.value.length);
  if (!hasSelection.value) return null;
  const n = isWhole.value ? say("bulk.whole_selected") : say("bulk.selected", { n: count(selected.value.size) });
  return (
    <section class="bulk" aria-label={say("bulk.bar")}>
      <strong class="number">{n}</strong>
      {actions.length > 0 && canWiden.value && (
        <button type="button" class="plain" onClick={() => (isWhole.value = true)}>
          {say("bulk.whole")}
        </button>
      )}
      {actions.length === 0 && <span class="muted">{say("bulk.none_allowed")}</span>}
      <span class="bulk-actions">
        {actions.map((action) => (
          <button
            key={action}
            type="button"
            class={action === "cancel" ? "danger" : ""}
            onClick={() => (asked.value = action)}
          >
            {say(`bulk.${action}`)}
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
