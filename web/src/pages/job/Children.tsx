// The jobs that a job consists of, and how they are in sum.
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import { FINAL, type JobSummary, type State } from "../../api/types";
import { pathOf } from "../../app/root";
import { Bar } from "../../parts/Bar";
import { StateWord } from "../../parts/State";
import type { JobState } from "../../state/job";
import { Parts } from "../../state/parts";
import { byLink } from "../../state/session";
import { clean, count, percent } from "../../text/format";
import { say } from "../../text/job";
import { say as common } from "../../text/strings";
import { toneOf } from "../../parts/tone";
import { nameOf } from "./names";
import { Time } from "./Time";

const STATES: readonly State[] = ["succeeded", "running", "queued", "accepted", "cancelled", "failed"];
const AGAIN_MS = 2000;
const COLUMNS = ["number", "name", "state", "progress", "words", "time"] as const;

/** The panel of the parts of an array or a group. */
export function Children({ state }: { state: JobState }): JSX.Element | null {
  const job = state.document.value;
  const id = job?.id ?? "";
  const parts = useMemo(() => new Parts(id), [id]);
  // The sums tell when something changed; the list is then read again, not more often than every two seconds.
  const sums = JSON.stringify(job?.children ?? {});
  useEffect(() => {
    if (byLink.peek()) return;
    parts.counts = job?.children ?? {};
    const timer = setTimeout(() => void parts.again(), parts.jobs.peek() === null ? 0 : AGAIN_MS);
    return () => clearTimeout(timer);
  }, [sums, parts]);
  if (job === null) return null;
  if (byLink.value) {
    return (
      <div class="children">
        <Sum job={job} only={null} />
        <p class="muted">{say("children.by_link")}</p>
      </div>
    );
  }
  const jobs = parts.jobs.value;
  return (
    <div class="children">
      <Sum job={job} only={parts.only.value} choose={(only) => void parts.choose(only)} />
      {parts.trouble.value !== "" && <p role="alert">{parts.trouble.value}</p>}
      {jobs !== null && jobs.length > 0 && <Table jobs={jobs} />}
      {jobs !== null && <Rest parts={parts} job={job} shown={jobs.length} />}
    </div>
  );
}

/** What is not in the table: more of them to be read, or elements that their scheduler lists in one row. */
function Rest({ parts, job, shown }: { parts: Parts; job: JobSummary; shown: number }): JSX.Element | null {
  const only = parts.only.value;
  const all = only === null ? sumOf(job.children) : (job.children[only] ?? 0);
  if (parts.isComplete.value) {
    const unlisted = job.kind === "adopted" && (only === null || only === "queued") ? all - shown : 0;
    return unlisted > 0 ? <p class="muted">{say("children.unlisted", { n: count(unlisted) })}</p> : null;
  }
  return (
    <p class="children-more">
      <button type="button" onClick={() => void parts.more()}>
        {say("children.more")}
      </button>
      <span class="muted number">{say("children.shown", { n: count(shown), count: count(all) })}</span>
    </p>
  );
}

function Table({ jobs }: { jobs: readonly JobSummary[] }): JSX.Element {
  return (
    <div class="table-scroll">
      <table class="j-table">
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" class={`child-${column}`}>
                {say(`children.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {jobs.map((child) => (
            <Row key={child.id} job={child} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sumOf(children: JobSummary["children"]): number {
  return Object.values(children).reduce((sum, n) => sum + n, 0);
}

interface SumProps {
  job: Pick<JobSummary, "number" | "children">;
  only: State | null;
  choose?: (only: State | null) => void;
}

function Sum({ job, only, choose }: SumProps): JSX.Element {
  const { children } = job;
  const all = sumOf(children);
  const ended = STATES.filter((state) => FINAL.has(state)).reduce((sum, state) => sum + (children[state] ?? 0), 0);
  const present = STATES.filter((state) => (children[state] ?? 0) > 0);
  return (
    <div class="sum">
      <div class="sum-words number">
        <strong>{say("children.of", { done: count(ended), count: count(all) })}</strong>
        <span class="sum-parts" role={choose && "group"} aria-label={choose && say("children.filter")}>
          {present.map((state) => (
            <SumPart key={state} state={state} n={children[state] ?? 0} isOnly={only === state} choose={choose} />
          ))}
        </span>
        {choose && (
          <a class="sum-search" href={pathOf(`?q=${encodeURIComponent(`parent:${job.number}${only === null ? "" : ` state:${only}`}`)}`)}>
            {say("children.search")}
          </a>
        )}
      </div>
      <div class="sum-bar" aria-hidden="true">
        {present.map((state) => (
          <span key={state} class={`sum-${state}`} style={{ flexGrow: String(children[state] ?? 0) }} />
        ))}
      </div>
    </div>
  );
}

interface SumPartProps {
  state: State;
  n: number;
  isOnly: boolean;
  choose: SumProps["choose"];
}

/** How many parts are in a state; chosen, only those are shown. */
function SumPart({ state, n, isOnly, choose }: SumPartProps): JSX.Element {
  const word = common(`state.${state}`);
  const words = (
    <>
      <span class={`sum-dot sum-${state}`} aria-hidden="true" />
      {say("children.sum", { n: count(n), state: word })}
    </>
  );
  if (!choose) return <span class={`sum-part state-${state}`}>{words}</span>;
  return (
    <button
      type="button"
      class={`sum-part state-${state}`}
      aria-pressed={isOnly}
      title={say(isOnly ? "children.all" : "children.only", { state: word })}
      onClick={() => choose(isOnly ? null : state)}
    >
      {words}
    </button>
  );
}

function Row({ job }: { job: JobSummary }): JSX.Element {
  return (
    <tr>
      <td class="child-number number muted nowrap">#{job.number}</td>
      <th scope="row" class="child-name">
        <a href={pathOf(`j/${job.number}`)}>
          <bdi>{nameOf(job)}</bdi>
        </a>
      </th>
      <td>
        <StateWord job={job} />
      </td>
      <td class="child-progress">
        {job.progress !== null && (
          <>
            <Bar fraction={job.progress} tone={toneOf(job)} label={nameOf(job)} /> <span class="number">{percent(job.progress)}</span>
          </>
        )}
      </td>
      <td class="child-words">{clean(job.status_text)}</td>
      <td class="child-time muted nowrap">
        <Time at={job.ended ?? job.started ?? job.created} />
      </td>
    </tr>
  );
}
