// How far a job is: its bar, in numbers, and how long it will still take. Of a job with parts, how they are.
import type { JSX } from "preact";

import type { JobSummary } from "../../api/types";
import { FINAL } from "../../api/types";
import { Bar } from "../../parts/Bar";
import { count, percent } from "../../text/format";
import { say } from "../../text/strings";
import { useTicking } from "./ticking";
import { etaS, etaWords, isGroup, nameOf, shares, sharesWords, workersWords } from "./words";
import { toneOf } from "../../parts/tone";

/** Whether there is any progress to be shown of a job. */
export function hasProgress(job: JobSummary): boolean {
  return isGroup(job) || job.progress !== null || (!FINAL.has(job.state) && job.workers.count > 0);
}

/** Shows a job's progress; nothing for a job that never told any. */
export function Progress({ job }: { job: JobSummary }): JSX.Element | null {
  if (isGroup(job)) return <Parts job={job} />;
  if (!hasProgress(job)) return null;
  const workers = workersWords(job);
  return (
    <span class="progress">
      <Bar fraction={job.progress} tone={toneOf(job)} label={nameOf(job)} />
      <span class="progress-words number">
        <span class="percent">{job.progress === null ? "" : percent(job.progress)}</span>
        {workers !== "" && (
          <span class="muted" title={say("list.workers", { done: job.workers.finished, all: Math.max(job.workers.count, job.workers.announced ?? 0) })}>
            {workers}
          </span>
        )}
        <Eta job={job} />
      </span>
    </span>
  );
}

function Eta({ job }: { job: JobSummary }): JSX.Element {
  const words = useTicking(
    (nowMs) => {
      const seconds = etaS(job, nowMs);
      return seconds === null ? "" : say("list.eta", { time: etaWords(seconds) });
    },
    [job],
  );
  return (
    <span class="eta muted" title={say("list.eta_title")}>
      {words}
    </span>
  );
}

function Parts({ job }: { job: JobSummary }): JSX.Element {
  const parts = shares(job);
  const all = parts.reduce((sum, each) => sum + each.n, 0);
  const ended = parts.filter((each) => FINAL.has(each.state)).reduce((sum, each) => sum + each.n, 0);
  const words = sharesWords(parts);
  return (
    <span class="progress" title={words}>
      <span class="bar stack" role="img" aria-label={words}>
        {parts.map((each) => (
          <span key={each.state} class={`stack-${each.state}`} style={{ flexGrow: String(each.n) }} />
        ))}
      </span>
      <span class="progress-words number">
        <span class="percent">{say("list.done_of", { done: count(ended), all: count(all) })}</span>
      </span>
    </span>
  );
}
