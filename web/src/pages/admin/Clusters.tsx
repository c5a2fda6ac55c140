// Where jobs can run: how each is, and how many jobs wait and run there.
import type { JSX } from "preact";

import { Icon } from "../../parts/Icon";
import { now } from "../../state/clock";
import { usePolled } from "../../state/polled";
import { clean, clock, count } from "../../text/format";
import { say } from "../../text/admin";
import type { Cluster } from "./documents";
import { Section } from "./Section";

const EVERY_MS = 3000;

export function Clusters(): JSX.Element | null {
  const { told } = usePolled<{ clusters: Cluster[] }>("clusters", EVERY_MS);
  const { value } = told.value;
  return (
    <Section title={say("admin.clusters")} told={told.value}>
      {value?.clusters.length === 0 && <p class="muted">{say("admin.no_clusters")}</p>}
      {value !== null && value.clusters.length > 0 && (
        <div class="sheet-frame">
          <table class="sheet">
            <thead>
              <tr>
                <th scope="col">{say("admin.cluster")}</th>
                <th scope="col">{say("admin.health")}</th>
                <th scope="col">{say("admin.runs_as")}</th>
                <th scope="col" class="number">{say("admin.accepted")}</th>
                <th scope="col" class="number">{say("admin.queued")}</th>
                <th scope="col" class="number">{say("admin.running")}</th>
                <th scope="col" class="number">{say("admin.room")}</th>
                <th scope="col" class="number">{say("admin.others")}</th>
              </tr>
            </thead>
            <tbody>
              {value.clusters.map((cluster) => (
                <Row key={cluster.name} cluster={cluster} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

function Row({ cluster }: { cluster: Cluster }): JSX.Element {
  const isWell = cluster.health === "ok";
  return (
    <tr>
      <th scope="row">
        {clean(cluster.name)}
        {cluster.kind !== cluster.name && <span class="muted"> {clean(cluster.kind)}</span>}
      </th>
      <td>
        <span class={`health health-${isWell ? "ok" : "trouble"}`}>
          <Icon name={isWell ? "succeeded" : "problem"} />
          {health(cluster, new Date(now.value))}
        </span>
        {cluster.detail !== "" && <div class="health-detail">{clean(cluster.detail)}</div>}
      </td>
      <td data-label={say("admin.runs_as")}>
        {cluster.runs_as === null
          ? say("admin.runs_as_owner")
          : clean(cluster.runs_as) || say("admin.runs_as_login")}
      </td>
      <Depth value={cluster.accepted} label={say("admin.accepted")} />
      <Depth value={cluster.queued} label={say("admin.queued")} />
      <Depth value={cluster.running} label={say("admin.running")} />
      <Depth value={cluster.room} label={say("admin.room")} />
      <Depth value={cluster.others} label={say("admin.others")} />
    </tr>
  );
}

/** Says how a cluster is: ok, or since when it does not answer, or only slowly. */
function health({ health: word, trouble }: Cluster, today: Date): string {
  if (word === "ok") return say("admin.ok");
  if (!trouble) return say("admin.trouble");
  return say(`admin.${trouble.what}`, { time: clock(trouble.since, today).replace(/:\d\d$/, "") });
}

function Depth({ value, label }: { value: number | null; label: string }): JSX.Element {
  const words = value === null ? say("admin.no_room") : count(value);
  return (
    <td class={value === null || value === 0 ? "number muted" : "number"} data-label={label}>
      {words}
    </td>
  );
}
