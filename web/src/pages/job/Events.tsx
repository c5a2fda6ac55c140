// What happened to a job: every change, when, who, and by which protocol.
import type { JSX } from "preact";

import type { JobEvent } from "../../api/types";
import type { JobState } from "../../state/job";
import { clean } from "../../text/format";
import { happening } from "../../text/happenings";
import { say } from "../../text/job";
import { Callbacks } from "./Callbacks";
import { Time } from "./Time";

/** The panel of the events and of who was told of them. */
export function Events({ state }: { state: JobState }): JSX.Element {
  return (
    <>
      <Happenings state={state} />
      <Callbacks state={state} />
    </>
  );
}

/** All events, newest first. */
function Happenings({ state }: { state: JobState }): JSX.Element {
  const events = state.events.value;
  if (events.length === 0) return <p class="muted">{say("events.none")}</p>;
  const next = state.eventsNext.value;
  return (
    <div class="table-scroll">
      <table class="j-table events">
        <thead>
          <tr>
            <th scope="col">{say("events.when")}</th>
            <th scope="col">{say("events.what")}</th>
            <th scope="col">{say("events.who")}</th>
            <th scope="col">{say("events.how")}</th>
          </tr>
        </thead>
        <tbody>
          {events.toReversed().map((event) => (
            <Row key={event.seq} event={event} />
          ))}
        </tbody>
      </table>
      {next !== null && (
        <button type="button" onClick={() => void state.readEvents(next)}>
          {say("events.more")}
        </button>
      )}
    </div>
  );
}

const TONES: Readonly<Record<string, string>> = {
  "job.succeeded": "state-succeeded",
  "job.failed": "state-failed",
  "job.running": "state-running",
};

function Row({ event }: { event: JobEvent }): JSX.Element {
  const { what, more } = happening(event);
  return (
    <tr>
      <td class="number nowrap">
        <Time at={event.time} />
      </td>
      <td>
        <span class={`event-what ${TONES[event.type] ?? ""}`}>{clean(what)}</span>
        {more !== "" && (
          <span class="event-more" dir="auto">
            {clean(more)}
          </span>
        )}
      </td>
      <td class="nowrap">{event.protocol === "" ? say("events.itself") : clean(event.actor)}</td>
      <td class="muted nowrap">{clean(event.protocol)}</td>
    </tr>
  );
}
