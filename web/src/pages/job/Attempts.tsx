// The tries to run a job, the newest first.
import type { JSX } from "preact";

import type { JobDocument } from "../../api/types";
import { exitWords, reasonWords } from "../../text/endings";
import { clean } from "../../text/format";
import { say } from "../../text/job";
import { Time } from "./Time";

/** A card with all attempts, each with a link to its log. */
export function Attempts({ job }: { job: JobDocument }): JSX.Element {
  return (
    <section class="j-card card-wide">
      <header>
        <h2>{say("details.attempts")}</h2>
      </header>
      <div class="table-scroll">
        <table class="j-table">
          <thead>
            <tr>
              <th scope="col">{say("log.attempt")}</th>
              <th scope="col">{say("details.exit")}</th>
              <th scope="col">{say("details.native_id")}</th>
              <th scope="col">{say("details.started")}</th>
              <th scope="col">{say("details.ended")}</th>
              <th scope="col">{say("tab.log")}</th>
            </tr>
          </thead>
          <tbody>
            {job.attempts.toReversed().map((attempt) => (
              <tr key={attempt.no}>
                <th scope="row" class="number">
                  {attempt.no}
                </th>
                <td>{clean(exitWords(attempt) ?? (attempt.reason ? reasonWords(attempt.reason) : ""))}</td>
                <td>
                  <code>{clean(attempt.native_id ?? "")}</code>
                </td>
                <td>{attempt.started !== null && <Time at={attempt.started} />}</td>
                <td>{attempt.ended !== null && <Time at={attempt.ended} />}</td>
                <td>
                  <a href={`?tab=log${attempt.no === job.attempt ? "" : `&attempt=${attempt.no}`}`}>{say("tab.log")}</a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
