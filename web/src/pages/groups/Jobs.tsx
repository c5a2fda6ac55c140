// The jobs that are directly in a group.
import type { JSX } from "preact";

import type { JobSummary } from "../../api/types";
import { pathOf } from "../../app/root";
import { Bar } from "../../parts/Bar";
import { StateWord } from "../../parts/State";
import { toneOf } from "../../parts/tone";
import { clean, percent } from "../../text/format";
import { say } from "../../text/groups";
import { nameOf } from "../job/names";
import { Time } from "../job/Time";
import { inOrder } from "./tree";

interface Props {
  jobs: readonly JobSummary[];
  areAll: boolean;
  mayChange: boolean;
  onTakeOut: (job: JobSummary) => void;
  onMore: () => void;
}

/** Shows them, those first that run, wait or failed. */
export function Jobs({ jobs, areAll, mayChange, onTakeOut, onMore }: Props): JSX.Element {
  return (
    <section class="group-part" aria-label={say("jobs_in")}>
      <h2>{say("jobs_in")}</h2>
      <ul class="group-list">
        {inOrder(jobs).map((job) => (
          <li key={job.id} class="group-job">
            <span class="number muted">#{job.number}</span>
            <a href={pathOf(`j/${job.number}`)} class="group-words">
              <bdi>{nameOf(job)}</bdi>
            </a>
            <StateWord job={job} />
            <span class="group-progress">
              <HowFar job={job} />
            </span>
            <span class="muted group-time">
              <Time at={job.ended ?? job.started ?? job.created} />
            </span>
            {mayChange && (
              <button
                type="button"
                class="plain"
                title={say("take_out_job")}
                aria-label={say("take_out_named", { name: nameOf(job) })}
                onClick={() => onTakeOut(job)}
              >
                {say("take_out_short")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {!areAll && (
        <button type="button" onClick={onMore}>
          {say("more_jobs")}
        </button>
      )}
    </section>
  );
}

/** How far a job is; where nobody says that, what it says of itself. */
function HowFar({ job }: { job: JobSummary }): JSX.Element | null {
  if (job.progress !== null) {
    return (
      <>
        <Bar fraction={job.progress} tone={toneOf(job)} label={nameOf(job)} />
        <span class="number">{percent(job.progress)}</span>
      </>
    );
  }
  const words = clean(job.status_text);
  if (words === "") return null;
  return (
    <span class="muted" dir="auto">
      {words}
    </span>
  );
}
