// A job's own numbers and words.
import type { JSX } from "preact";

import type { Counter } from "../../api/types";
import { at } from "../../app/root";
import type { JobState } from "../../state/job";
import { clean } from "../../text/format";
import { say } from "../../text/job";
import { quote } from "../../text/shell";
import { Empty } from "./Empty";
import { numberWords, safeColour } from "./numbers";
import { Time } from "./Time";

/** The panel of the counters, in the job's own order. */
export function Counters({ state }: { state: JobState }): JSX.Element {
  const job = state.document.value;
  if (state.counters.value.length === 0) {
    const url = at(`api/v1/jobs/${job?.number ?? 0}/counters`);
    const example = `curl -X PATCH -H 'Content-Type: application/json' -d '{"files": 12}' ${quote(url)}`;
    const mayTell = !state.hasEnded.value && job?.may.includes("report");
    return <Empty title={say("counters.none")} words={say(mayTell ? "counters.none_words" : "counters.none_seen")} {...(mayTell && { example })} />;
  }
  return (
    <div class="table-scroll">
      <table class="j-table counters">
        <thead>
          <tr>
            <th scope="col">{say("counters.key")}</th>
            <th scope="col" class="right">
              {say("counters.value")}
            </th>
            <th scope="col">{say("counters.updated")}</th>
          </tr>
        </thead>
        <tbody>
          {state.counters.value.map((counter) => (
            <Row key={counter.key} counter={counter} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ counter }: { counter: Counter }): JSX.Element {
  const colour = safeColour(counter.colour);
  const isNumber = typeof counter.value === "number";
  return (
    <tr>
      <th scope="row">
        <bdi>{clean(counter.key)}</bdi>
      </th>
      <td class={isNumber ? "right number counter-value" : "right counter-value"}>
        {colour !== null && <span class="swatch" style={{ background: colour }} title={colour} />}
        <bdi>{valueWords(counter.value)}</bdi>
      </td>
      <td class="muted">
        <Time at={counter.updated} />
      </td>
    </tr>
  );
}

function valueWords(value: unknown): string {
  if (typeof value === "number") return numberWords(value);
  if (typeof value === "boolean") return say(value ? "details.yes" : "details.no");
  if (value === null) return "null";
  return clean(typeof value === "string" ? value : JSON.stringify(value));
}
