// What a job wrote: which stream, which attempt, search and download around the log itself.
import { useComputed, type ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import { address } from "../../api/client";
import type { JobDocument } from "../../api/types";
import { fragment, query, setFragment, setQuery } from "../../app/router";
import { LogView } from "../../log/LogView";
import { placeOf, readPlace, type Range } from "../../log/place";
import { Search } from "../../log/Search";
import { LogStore, type Stream } from "../../log/store";
import { Icon } from "../../parts/Icon";
import { kept } from "../../state/prefs";
import type { JobState } from "../../state/job";
import { bytes } from "../../text/format";
import { say } from "../../text/job";
import "../../style/log.css";
import { Empty } from "./Empty";

const STREAMS = ["stdout", "stderr", "both"] as const;
type Choice = (typeof STREAMS)[number];

const wrap = kept<boolean>("log.wrap", window.innerWidth <= 640, (value) => typeof value === "boolean");

/** The panel of the log. Both streams are two panes: nobody wrote down in which order they came. */
export function LogTab({ state }: { state: JobState }): JSX.Element | null {
  const choice = useComputed<Choice>(() => {
    const asked = query.value.get("stream");
    return STREAMS.find((stream) => stream === asked) ?? "stdout";
  });
  const job = state.document.value;
  if (job === null) return null;
  if (job.links.stdout === undefined) return <Empty title={say("log.none")} words={say("log.none_words")} />;
  const asked = Number(query.value.get("attempt"));
  const attempt = asked >= 1 && asked < job.attempt ? asked : job.attempt;
  const panes: Stream[] = choice.value === "both" ? ["stdout", "stderr"] : [choice.value];
  return (
    <div class={`log log-${panes.length}`}>
      <div class="j-toolbar">
        <Streams chosen={choice.value} />
        {job.attempt > 1 && <Attempts job={job} chosen={attempt} />}
        <label class="j-check">
          <input type="checkbox" checked={wrap.value} onChange={(event) => (wrap.value = event.currentTarget.checked)} />
          {say("log.wrap")}
        </label>
      </div>
      {panes.map((stream) => (
        <Pane key={`${stream} ${attempt}`} state={state} jobId={job.id} stream={stream} attempt={attempt} isOne={panes.length === 1} />
      ))}
    </div>
  );
}

function Streams({ chosen }: { chosen: Choice }): JSX.Element {
  return (
    <div class="j-choices" role="group" aria-label={say("log.streams")}>
      {STREAMS.map((stream) => (
        <button
          key={stream}
          type="button"
          aria-pressed={stream === chosen}
          onClick={() => {
            setFragment("");
            setQuery({ tab: "log", stream: stream === "stdout" ? null : stream, pane: null });
          }}
        >
          {say(`log.${stream}`)}
        </button>
      ))}
    </div>
  );
}

function Attempts({ job, chosen }: { job: JobDocument; chosen: number }): JSX.Element {
  return (
    <label class="j-field">
      <span>{say("log.attempt")}</span>
      <select
        value={String(chosen)}
        onChange={(event) => {
          setFragment("");
          const to = event.currentTarget.value;
          setQuery({ tab: "log", attempt: Number(to) === job.attempt ? null : to });
        }}
      >
        {Array.from({ length: job.attempt }, (_, i) => String(job.attempt - i)).map((no) => (
          <option key={no} value={no}>
            {no}
          </option>
        ))}
      </select>
    </label>
  );
}

interface PaneProps {
  state: JobState;
  jobId: string;
  stream: Stream;
  attempt: number;
  isOne: boolean;
}

function Pane({ state, jobId, stream, attempt, isOne }: PaneProps): JSX.Element {
  const place = useComputed(() => placeIn(stream, isOne));
  const store = useMemo(() => new LogStore(jobId, stream, attempt), [jobId, stream, attempt]);
  useEffect(() => {
    store.open(place.peek()?.first ?? null);
    return () => store.close();
  }, [store]);
  // The last lines are there at once when the job has ended.
  const ended = state.hasEnded.value;
  useEffect(() => {
    if (ended && !store.ended.peek() && store.known.peek()) store.look();
  }, [ended]);
  const onPlace = (range: Range): void => {
    setQuery({ tab: "log", pane: isOne || stream === "stdout" ? null : stream });
    setFragment(placeOf(range));
  };
  return (
    <section class="log-pane" aria-label={stream}>
      <header class="log-head">
        {!isOne && <h2>{stream}</h2>}
        <Search store={store} onLine={(line) => onPlace({ first: line, last: line })} />
        <a class="button" href={address(`jobs/${jobId}/log/${stream}`, { attempt })} download={`${jobId.slice(0, 8)}-${attempt}.${stream}`}>
          <Icon name="download" />
          {say("log.download")}
          {store.sizeBytes.value > 0 && <span class="muted number">{bytes(store.sizeBytes.value)}</span>}
        </a>
      </header>
      <Body store={store} place={place} onPlace={onPlace} />
    </section>
  );
}

function placeIn(stream: Stream, isOne: boolean): Range | null {
  if (!isOne && (query.value.get("pane") ?? "stdout") !== stream) return null;
  return readPlace(fragment.value);
}

interface BodyProps {
  store: LogStore;
  place: ReadonlySignal<Range | null>;
  onPlace: (range: Range) => void;
}

function Body({ store, place, onPlace }: BodyProps): JSX.Element {
  if (store.trouble.value !== null && !store.known.value) {
    return <p class="log-empty muted">{say("log.trouble", { detail: store.trouble.value })}</p>;
  }
  if (!store.known.value) return <p class="log-empty muted">{say("loading")}</p>;
  if (store.total.value === 0) {
    return <p class="log-empty muted">{say(store.ended.value ? "log.empty_ended" : "log.empty", { stream: store.stream })}</p>;
  }
  return <LogView store={store} place={place} onPlace={onPlace} wrap={wrap.value} />;
}
