// Which clusters are in trouble, as long as they are: above the list, and above the jobs that are there.
import { computed } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import type { JobSummary } from "../api/types";
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

interface Place {
  /** Only of the cluster where this job is. */
  job?: Pick<JobSummary, "cluster" | "state" | "reason"> | null;
}

/** Shows the troubles that concern the reader, or those of one job's cluster. They come and go by themselves. */
export function Troubles({ job = null }: Place): JSX.Element | null {
  return byLink.value ? null : <Polled job={job} />;
}

function Polled({ job = null }: Place): JSX.Element {
  const of = job?.cluster ?? null;
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
    <div class="outages" role="status">
      {shown.value.map((each) => (
        <Trouble key={keyOf(each)} cluster={each} job={job} />
      ))}
    </div>
  );
}

function Trouble({ cluster, job }: Place & { cluster: Troubled }): JSX.Element {
  const words = clean(headline(cluster, new Date(now.peek())));
  // Of a job that is not handed over yet, or cannot be asked for, the panel below says the same at length.
  const isTold = job?.state === "accepted" || job?.reason === "unreachable";
  const then = job ? (isTold ? "" : say("this_one")) : consequence(cluster);
  return (
    <div class={`outage outage-${cluster.trouble?.what}`}>
      <Icon name={cluster.trouble?.what === "slow" ? "queued" : "problem"} />
      <p>
        <strong>{words}</strong> {then}
      </p>
      {!isTold && (
        <p class="outage-detail" dir="auto" title={clean(cluster.detail)}>
          {clean(cluster.detail)}
        </p>
      )}
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
