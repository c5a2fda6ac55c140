// What stands in each column of a job's row.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";

import { pathOf } from "../../app/root";
import type { JobSummary } from "../../api/types";
import { StateWord } from "../../parts/State";
import { now } from "../../state/clock";
import { clean, clock, duration, utc } from "../../text/format";
import { say } from "../../text/strings";
import type { Column } from "./columns";
import { Labels } from "./Labels";
import { hasProgress, Progress } from "./Progress";
import { telling } from "./telling";
import { useTicking } from "./ticking";
import { feed } from "./view";
import { isGroup, messageOf, nameOf, spanS } from "./words";

type Cell = (props: { job: JobSummary }) => JSX.Element | null;

export const CELLS: Record<Column, Cell> = {
  state: ({ job }) => <StateWord job={job} />,
  name: Name,
  progress: Progress,
  owner: ({ job }) => <span title={clean(job.owner)}>{clean(job.owner)}</span>,
  where: Where,
  labels: ({ job }) => (job.labels.length > 0 ? <Labels labels={job.labels} /> : null),
  started: Started,
  duration: Duration,
  message: Message,
};

function Name({ job }: { job: JobSummary }): JSX.Element {
  const name = nameOf(job);
  const more = [
    job.kind === "adopted" && say("list.adopted"),
    job.attempt > 1 && say("list.attempt", { n: job.attempt }),
    job.hidden !== null && say("list.hidden"),
  ].filter(Boolean);
  return (
    <>
      {isGroup(job) && <Opener job={job} name={name} />}
      <a class="job-name" href={pathOf(`j/${job.number}`)} title={name} tabIndex={-1} draggable={false}>
        {name}
      </a>
      <span class="job-number number" title={say("list.number", { number: job.number })}>
        {job.number}
      </span>
      {more.length > 0 && <span class="job-more">{more.join(", ")}</span>}
    </>
  );
}

function Opener({ job, name }: { job: JobSummary; name: string }): JSX.Element {
  const isOpen = useComputed(() => feed.list.opened.value.has(job.id));
  const act = (event: Event): void => {
    event.stopPropagation();
    if (isOpen.value) feed.list.shut(job.id);
    else void feed.open(job.id);
  };
  return (
    <button
      type="button"
      class={isOpen.value ? "bare opener is-open" : "bare opener"}
      tabIndex={-1}
      aria-expanded={isOpen.value}
      aria-label={say(isOpen.value ? "list.shut" : "list.open", { name })}
      onClick={act}
    >
      <svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d="M6 3.5L10.5 8 6 12.5" />
      </svg>
    </button>
  );
}

function Where({ job }: { job: JobSummary }): JSX.Element | null {
  if (job.cluster === null && job.native_id === null) return null;
  const native = clean(job.native_id ?? "");
  return (
    <span class="where" title={`${clean(job.cluster ?? "")} ${native}`.trim()}>
      {job.cluster !== null && <span>{clean(job.cluster)}</span>}
      {native !== "" && <span class="native mono">{native}</span>}
    </span>
  );
}

/** Only whether the day is over matters here: it is looked at once a second, and drawn once a day. */
function Started({ job }: { job: JobSummary }): JSX.Element | null {
  const today = useComputed(() => new Date(now.value).toDateString());
  if (job.started === null) return null;
  return (
    <time class="number" dateTime={job.started} title={utc(job.started)}>
      {shortClock(job.started, new Date(today.value))}
    </time>
  );
}

/** How long, and on which cluster where there are several: the end of the second line where it is narrow. */
function PlaceAndDuration({ job }: { job: JobSummary }): JSX.Element {
  const hasPlace = useComputed(() => telling.value.has("where")).value && job.cluster !== null;
  return (
    <>
      {hasPlace && <span class="narrow-where">{clean(job.cluster ?? "")}</span>}
      <Duration job={job} />
    </>
  );
}

/** The second line where it is narrow: progress, or else what there is to say. */
function ProgressOrMessage({ job }: { job: JobSummary }): JSX.Element {
  return hasProgress(job) ? <Progress job={job} /> : <Message job={job} />;
}

/** Gives a time of another day by its date and minute: seconds are in the title. */
function shortClock(time: string, today: Date): string {
  const words = clock(time, today);
  return words.length > 8 ? words.slice(5, 16) : words;
}

function Duration({ job }: { job: JobSummary }): JSX.Element | null {
  const words = useTicking((nowMs) => duration(spanS(job, nowMs)?.seconds ?? 0), [job]);
  const kind = spanS(job, now.peek())?.kind;
  if (kind === undefined) return null;
  const title = kind === "waits" ? say("list.waiting", { time: utc(job.created) }) : job.ended === null ? "" : utc(job.ended);
  return (
    <span class={`number span-${kind}`} title={title}>
      {words}
    </span>
  );
}

function Message({ job }: { job: JobSummary }): JSX.Element | null {
  const words = messageOf(job);
  if (words === "") return null;
  return (
    <span class={job.error === null ? "message" : "message is-error"} title={words}>
      {words}
    </span>
  );
}

/** What stands in a column's place where it is narrow, and is another there. */
export const NARROW_CELLS: Partial<Record<Column, Cell>> = { progress: ProgressOrMessage, duration: PlaceAndDuration };
