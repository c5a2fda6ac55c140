// What a job is and how it is, at a glance.
import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";

import { get } from "../../api/client";
import type { JobDocument, JobSummary } from "../../api/types";
import { pathOf } from "../../app/root";
import { Bar } from "../../parts/Bar";
import { toneOf } from "../../parts/tone";
import { Icon } from "../../parts/Icon";
import { isStuck } from "../../parts/State";
import { now } from "../../state/clock";
import type { JobState } from "../../state/job";
import { byLink } from "../../state/session";
import { clean, count, duration, percent } from "../../text/format";
import { whyLine } from "../../text/endings";
import { say as ofGroups } from "../../text/groups";
import { say } from "../../text/job";
import { say as common } from "../../text/strings";
import { Actions } from "./Actions";
import { GroupLinks } from "./Groups";
import { nameOf } from "./names";
import { exactly } from "./numbers";
import { Time } from "./Time";

/** The head of the page. */
export function Head({ state, job }: { state: JobState; job: JobDocument }): JSX.Element {
  return (
    <header class="job-head">
      <nav class="crumbs" aria-label={say("head.jobs")}>
        {!byLink.value && (
          <>
            <a href={pathOf("")}>{say("head.jobs")}</a>
            <span aria-hidden="true">/</span>
          </>
        )}
        <span class="number">#{job.number}</span>
        {job.parent !== null && <Other job={job.parent} relation={job.index === null ? "head.part_of" : "head.element_of"} index={job.index} />}
        {job.origin && <Other job={job.origin.job} relation="head.clone_of" />}
        {job.kind === "adopted" && (
          <span class="muted" title={say("head.adopted_words")}>
            {say("head.adopted")}
          </span>
        )}
        {job.hidden !== null && <span class="muted">{say("head.hidden")}</span>}
      </nav>
      <div class="job-title">
        <h1 dir="auto">{nameOf(job)}</h1>
        <Actions state={state} job={job} />
      </div>
      <StateLine job={job} />
      <Progress job={job} state={state} />
      <Facts job={job} />
      <Efficiency job={job} />
    </header>
  );
}

interface OtherProps {
  job: string;
  relation: "head.element_of" | "head.part_of" | "head.clone_of";
  index?: number | null;
}

/** Another job, which a signed link to this one does not show; by its number, once that is known. */
function Other({ job, relation, index = null }: OtherProps): JSX.Element {
  const called = useSignal(job.slice(0, 8));
  useEffect(() => {
    if (byLink.value) return;
    get<JobSummary>(`jobs/${encodeURIComponent(job)}`).then(
      (other) => (called.value = `#${other.number}`),
      () => undefined, // it may be forgotten already: the beginning of its id says what was known of it
    );
  }, [job]);
  const words = say(relation, { job: called.value, index: String(index ?? "") });
  return byLink.value ? <span>{words}</span> : <a href={pathOf(`j/${job}`)}>{words}</a>;
}

function StateLine({ job }: { job: JobDocument }): JSX.Element {
  const why = whyLine(job);
  return (
    <p class="job-state" aria-live="polite">
      <span class={`state state-${job.state}`}>
        <Icon name={job.state} />
        <span class="state-word">{common(`state.${job.state}`)}</span>
      </span>
      {why !== "" && (
        <span class={isStuck(job) ? "job-why is-stuck" : "job-why"}>
          {isStuck(job) && <Icon name="problem" />}
          {clean(why)}
        </span>
      )}
      {job.attempt > 1 && <span class="job-attempt">{say("head.attempt", { n: job.attempt })}</span>}
      {job.status_text !== "" && (
        <span class="job-words" dir="auto">
          {clean(job.status_text)}
        </span>
      )}
    </p>
  );
}

function Progress({ job, state }: { job: JobDocument; state: JobState }): JSX.Element | null {
  if (job.progress === null && job.workers.count === 0 && job.workers.announced === null) return null;
  const { count: all, finished, not_ok, announced } = job.workers;
  if (all === 0) return <p class="job-progress-words number">{announced !== null && say("head.announced", { count: 0, announced: count(announced) })}</p>;
  return (
    <div class="job-progress">
      <span class="job-percent number">{job.progress === null ? "" : percent(job.progress)}</span>
      <Bar fraction={job.progress} tone={toneOf(job)} label={nameOf(job)} />
      <span class="job-progress-words number">
        <span>{all === 1 ? say("head.worker", { done: count(finished) }) : say("head.workers", { done: count(finished), count: count(all) })}</span>
        {announced !== null && announced !== all && <span>{say("head.announced", { count: count(all), announced: count(announced) })}</span>}
        {not_ok > 0 && (
          <span class="state-failed job-flag">
            <Icon name="problem" /> {say("head.not_ok", { n: count(not_ok) })}
          </span>
        )}
        {job.ended === null && <Eta state={state} />}
      </span>
    </div>
  );
}

/** The job's end is its slowest worker's. */
function Eta({ state }: { state: JobState }): JSX.Element | null {
  const words = useComputed(() => {
    state.workersChanged.value;
    let longest: number | null = null;
    for (const id of state.workerIds.value) {
      const worker = state.worker(id)?.peek();
      if (worker === undefined || worker.finished) continue;
      if (worker.eta_s === null) return "";
      const left = worker.eta_s - (now.value - worker.heard) / 1000;
      longest = Math.max(longest ?? 0, left);
    }
    return longest === null ? "" : say("head.eta", { eta: duration(Math.ceil(longest)) });
  });
  return words.value === "" ? null : <span>{words}</span>;
}

function Facts({ job }: { job: JobDocument }): JSX.Element {
  return (
    <dl class="job-facts">
      <Fact name={say("head.created")}>
        <Time at={job.created} />
      </Fact>
      {job.started !== null && (
        <Fact name={say("head.started")}>
          <Time at={job.started} />
        </Fact>
      )}
      <Fact name={lasting(job)}>
        <Lasted job={job} />
      </Fact>
      {job.ended !== null && (
        <Fact name={say("head.ended")}>
          <Time at={job.ended} />
        </Fact>
      )}
      {job.owner !== "" && <Fact name={say("head.owner")}>{clean(job.owner)}</Fact>}
      <Fact name={say("head.cluster")}>
        {job.cluster === null ? say("head.only_reports") : clean(job.cluster)}
        {job.native_id !== null && <span class="muted mono"> {clean(job.native_id)}</span>}
      </Fact>
      {(job.groups ?? []).length > 0 && (
        <Fact name={ofGroups("of_job")}>
          <GroupLinks job={job} />
        </Fact>
      )}
      {job.labels.length > 0 && (
        <div class="job-labels">
          <dt class="unseen">{say("details.labels")}</dt>
          <dd>
            {job.labels.map((label) => (
              <span key={label} class="label" title={clean(label)}>
                {clean(label)}
              </span>
            ))}
          </dd>
        </div>
      )}
      {job.url !== null && (
        <div>
          <dt class="unseen">{say("head.page")}</dt>
          <dd>
            <a href={job.url} rel="noreferrer noopener" target="_blank">
              {say("head.page")}
            </a>
          </dd>
        </div>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function lasting(job: JobDocument): string {
  if (job.ended !== null) return say(job.started === null && job.cluster !== null ? "head.waited" : "head.took");
  return say(job.started === null ? "head.waiting_for" : "head.running_for");
}

function Lasted({ job }: { job: JobDocument }): JSX.Element {
  const from = Date.parse(job.started ?? job.created);
  if (job.ended === null) return <Ticking key={from} from={from} />;
  return <span class="number">{exactly(Date.parse(job.ended) - from)}</span>;
}

/** A duration that grows; its text alone is redrawn. */
function Ticking({ from }: { from: number }): JSX.Element {
  const words = useComputed(() => duration(Math.floor(Math.max(0, now.value - from) / 1000)));
  return <span class="number">{words}</span>;
}

function Efficiency({ job }: { job: JobDocument }): JSX.Element | null {
  const found = job.efficiency;
  if (!found) return null;
  return (
    <p class="job-efficiency">
      <strong>{say("head.efficiency")}</strong> <span>{clean(found.words)}</span>
      {found.suggest !== null && found.suggest !== "" && !found.words.includes(found.suggest) && <span> {clean(found.suggest)}</span>}
    </p>
  );
}
