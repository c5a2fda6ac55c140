// Who is told of a job's events, what came of it, and having it told again.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";

import { post, remove } from "../../api/client";
import type { Delivery, DeliveryState, JobDocument } from "../../api/types";
import { tell } from "../../parts/Toast";
import type { JobState } from "../../state/job";
import { usePolled } from "../../state/polled";
import { clean } from "../../text/format";
import { say } from "../../text/job";
import { wordsOf } from "./Actions";
import { Time } from "./Time";

const EVERY_MS = 5000;
const SHOWN = 100;
const TONES: Readonly<Partial<Record<DeliveryState, string>>> = {
  delivered: "state-succeeded",
  dead: "state-failed",
  waiting: "state-running",
};
const CAN_BE_DROPPED: ReadonlySet<DeliveryState> = new Set(["waiting", "dead"]);

/** What a job's callbacks were told, below its events; nothing for a job that has none. */
export function Callbacks({ state }: { state: JobState }): JSX.Element | null {
  const id = useComputed(() => ((state.document.value?.callbacks?.length ?? 0) > 0 ? state.document.value?.id : undefined));
  const job = state.document.peek();
  if (job === null || id.value === undefined) return null;
  return <Told job={job} />;
}

function Told({ job }: { job: JobDocument }): JSX.Element | null {
  const { told, again } = usePolled<{ deliveries: Delivery[] }>(`jobs/${job.id}/callbacks?limit=${SHOWN}`, EVERY_MS);
  const deliveries = told.value.value?.deliveries;
  if (deliveries === undefined) return null;
  return (
    <section class="table-scroll callbacks-told">
      <h2>{say("callbacks.title")}</h2>
      {deliveries.length === 0 ? (
        <p class="muted">{say("callbacks.none")}</p>
      ) : (
        <table class="j-table events">
          <thead>
            <tr>
              <th scope="col">{say("events.when")}</th>
              <th scope="col">{say("callbacks.what")}</th>
              <th scope="col">{say("callbacks.state")}</th>
              <th scope="col">{say("callbacks.calls")}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {deliveries.map((one) => (
              <Row key={`${one.event}/${one.callback}`} job={job} one={one} again={again} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Row({ job, one, again }: { job: JobDocument; one: Delivery; again: () => void }): JSX.Element {
  const act = async (what: () => Promise<unknown>): Promise<void> => {
    try {
      await what();
    } catch (error) {
      tell(wordsOf(error), { problem: true });
    }
    again();
  };
  const path = `callbacks/${one.event}/${one.callback}`;
  const last = one.tries.at(-1);
  const mayAct = job.may.includes("label");
  return (
    <tr>
      <td class="number nowrap">
        <Time at={one.time} />
      </td>
      <td>
        {one.type.replace(/^job\./, "").replaceAll("_", " ")}
        <span class="event-more" dir="auto">
          {clean(job.callbacks?.[one.callback]?.url ?? one.origin)}
        </span>
      </td>
      <td>
        <span class={TONES[one.state] ?? ""}>{say(`callbacks.${one.state}`)}</span>
        {one.due !== null && one.tried > 0 && (
          <span class="event-more">
            {say("callbacks.next")} <Time at={one.due} />
          </span>
        )}
      </td>
      <td>
        <span class="number">{one.tried}</span>
        {last !== undefined && (
          <span class="event-more" dir="auto">
            {[last.status ?? "", clean(last.detail)].filter((part) => part !== "").join(" ")}
          </span>
        )}
      </td>
      <td class="right nowrap">
        {mayAct && (
          <button type="button" onClick={() => void act(() => post(`${path}/replay`))}>
            {say("callbacks.again")}
          </button>
        )}
        {mayAct && CAN_BE_DROPPED.has(one.state) && (
          <button type="button" onClick={() => void act(() => remove(path))}>
            {say("callbacks.drop")}
          </button>
        )}
      </td>
    </tr>
  );
}
