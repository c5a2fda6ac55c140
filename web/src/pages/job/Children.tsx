// The jobs that a job consists of, and how they are in sum.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { get } from "../../api/client";
import { FINAL, type JobSummary, type State } from "../../api/types";
import { pathOf } from "../../app/root";
import { Bar } from "../../parts/Bar";
import { StateWord } from "../../parts/State";
import type { JobState } from "../../state/job";
import { partsInOrder } from "../../state/order";
import { byLink } from "../../state/session";
import { clean, count, percent } from "../../text/format";
import { say } from "../../text/job";
import { say as common } from "../../text/strings";
import { wordsOf } from "./Actions";
import { toneOf } from "../../parts/tone";
import { nameOf } from "./names";
import { Time } from "./Time";

const PAGE = 200;
const STATES: readonly State[] = ["succeeded", "running", "queued", "accepted", "cancelled", "failed"];
const AGAIN_MS = 2000;
const COLUMNS = ["number", "name", "state", "progress", "words", "time"] as const;

interface Page {
  jobs: JobSummary[];
  next: string | null;
}

/** The panel of the parts of an array or a group. */
export function Children({ state }: { state: JobState }): JSX.Element | null {
  const jobs = useSignal<readonly JobSummary[]>([]);
  const next = useSignal<string | null>(null);
  const trouble = useSignal("");
  const job = state.document.value;
  const read = async (cursor: string | null): Promise<void> => {
    try {
      const page = await get<Page>("jobs", { parent: job?.id, limit: PAGE, cursor, hidden: 1 });
      const read = cursor === null ? page.jobs : [...jobs.peek(), ...page.jobs];
      jobs.value = page.next === null ? [...read].sort(partsInOrder) : read;
      next.value = page.next;
      trouble.value = "";
    } catch (error) {
      trouble.value = wordsOf(error);
    }
  };
  // The sums tell when something changed; the list is then read again, not more often than every two seconds.
  const sums = JSON.stringify(job?.children ?? {});
  useEffect(() => {
    const timer = setTimeout(() => void read(null), jobs.peek().length === 0 ? 0 : AGAIN_MS);
    return () => clearTimeout(timer);
  }, [sums]);
  if (job === null) return null;
  return (
    <div class="children">
      <Sum number={job.number} children={job.children} />
      {trouble.value !== "" && <p role="alert">{trouble.value}</p>}
      {byLink.value ? <p class="muted">{say("children.by_link")}</p> : <Table jobs={jobs.value} />}
      {next.value !== null && (
        <button type="button" onClick={() => void read(next.value)}>
          {say("children.more")}
        </button>
      )}
    </div>
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

function Sum({ number, children }: Pick<JobSummary, "number" | "children">): JSX.Element {
  const all = Object.values(children).reduce((sum, n) => sum + n, 0);
  const ended = STATES.filter((state) => FINAL.has(state)).reduce((sum, state) => sum + (children[state] ?? 0), 0);
  const present = STATES.filter((state) => (children[state] ?? 0) > 0);
  return (
    <div class="sum">
      <p class="number">
        <strong>{say("children.of", { done: count(ended), count: count(all) })}</strong>
        {present.map((state) => (
          <SumPart key={state} number={number} state={state} n={children[state] ?? 0} />
        ))}
      </p>
      <div class="sum-bar" aria-hidden="true">
        {present.map((state) => (
          <span key={state} class={`sum-${state}`} style={{ flexGrow: String(children[state] ?? 0) }} />
        ))}
      </div>
    </div>
  );
}

/** How many parts are in a state; leads to the list of them, where a thousand can be searched. */
function SumPart({ number, state, n }: { number: number; state: State; n: number }): JSX.Element {
  const word = common(`state.${state}`);
  const words = (
    <>
      <span class={`sum-dot sum-${state}`} aria-hidden="true" />
      {say("children.sum", { n: count(n), state: word })}
    </>
  );
  const looks = `sum-part state-${state}`;
  if (byLink.value) return <span class={looks}>{words}</span>;
  return (
    <a class={looks} href={pathOf(`?q=${encodeURIComponent(`parent:${number} state:${state}`)}`)} title={say("children.only", { state: word })}>
      {words}
    </a>
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
