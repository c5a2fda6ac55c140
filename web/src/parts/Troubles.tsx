// Which clusters are in trouble, as long as they are: above the list, and above the jobs that are there.
import { computed } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import { now } from "../state/clock";
import { usePolled } from "../state/polled";
import { kept } from "../state/prefs";
import { byLink } from "../state/session";
import { clean } from "../text/format";
import { consequence, headline, say, type Troubled } from "../text/troubles";
import "../style/troubles.css";
import { Icon } from "./Icon";

/** Nothing is looked for on the server while all is well. */
const EVERY_MS = 5000;
const MOST_DISMISSED = 20;

const dismissed = kept<readonly string[]>(
  "dismissed",
  [],
  (value): value is string[] => Array.isArray(value) && value.every((each) => typeof each === "string"),
);

/** Shows the troubles that concern the reader, or those of one cluster. They come and go by themselves. */
export function Troubles({ of = null }: { of?: string | null }): JSX.Element | null {
  return byLink.value ? null : <Polled of={of} />;
}

function Polled({ of }: { of: string | null }): JSX.Element {
  const { told } = usePolled<{ clusters: Troubled[] }>("clusters?health=trouble", EVERY_MS);
  const shown = useMemo(
    () =>
      computed(() =>
        (told.value.value?.clusters ?? []).filter(
          (each) => each.trouble?.concerns_you && (of === null || each.name === of) && !dismissed.value.includes(keyOf(each)),
        ),
      ),
    [told, of],
  );
  return (
    <div class="troubles" role="status">
      {shown.value.map((each) => (
        <Trouble key={keyOf(each)} cluster={each} />
      ))}
    </div>
  );
}

function Trouble({ cluster }: { cluster: Troubled }): JSX.Element {
  const words = clean(headline(cluster, new Date(now.peek())));
  return (
    <div class={`trouble trouble-${cluster.trouble?.what}`}>
      <Icon name={cluster.trouble?.what === "slow" ? "queued" : "problem"} />
      <p>
        <strong>{words}</strong> {consequence(cluster)}
      </p>
      <p class="trouble-detail" dir="auto" title={clean(cluster.detail)}>
        {clean(cluster.detail)}
      </p>
      <button type="button" class="bare" aria-label={say("dismiss", { headline: words })} onClick={() => dismiss(cluster)}>
        <Icon name="close" />
      </button>
    </div>
  );
}

/** Another trouble of the same cluster is another one. */
function keyOf(cluster: Troubled): string {
  return `${cluster.name} ${cluster.trouble?.since}`;
}

function dismiss(cluster: Troubled): void {
  dismissed.value = [keyOf(cluster), ...dismissed.peek()].slice(0, MOST_DISMISSED);
}
