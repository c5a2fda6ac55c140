// A job's labels: each leads to the jobs that have it.
import type { JSX } from "preact";

import { pathOf } from "../../app/root";
import { clean } from "../../text/format";
import { say } from "../../text/strings";
import { labelTerm } from "./terms";

const SHOWN = 2;

/** Shows the first labels, and how many more there are. */
export function Labels({ labels }: { labels: readonly string[] }): JSX.Element {
  const more = labels.slice(SHOWN);
  return (
    <span class="labels">
      {labels.slice(0, SHOWN).map((label) => (
        <a
          key={label}
          class="label"
          tabIndex={-1}
          href={pathOf(`?q=${encodeURIComponent(labelTerm(label))}`)}
          title={say("list.filter_label", { label: clean(label) })}
        >
          {clean(label)}
        </a>
      ))}
      {more.length > 0 && (
        <span class="muted" title={more.map(clean).join(", ")}>
          {say("list.labels_more", { n: more.length })}
        </span>
      )}
    </span>
  );
}
