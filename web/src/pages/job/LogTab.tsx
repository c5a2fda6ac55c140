// What a job wrote: which stream, and which attempt.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";

import type { JobDocument } from "../../api/types";
import { query, setFragment, setQuery } from "../../app/router";
import type { Stream } from "../../log/store";
import { kept } from "../../state/prefs";
import type { JobState } from "../../state/job";
import { say } from "../../text/job";
import "../../style/log.css";
import { Empty } from "./Empty";
import { LogPane } from "./LogPane";

const STREAMS = ["stdout", "stderr", "both"] as const;
type Choice = (typeof STREAMS)[number];

const wrap = kept<boolean>("log.wrap", window.innerWidth <= 640, (value) => typeof value === "boolean");

/** The panel of the log. Both streams are two panes: nobody wrote down in which order they came. */
export function LogTab({ state }: { state: JobState }): JSX.Element | null {
  const job = state.document.value;
  const asked = useComputed(() => STREAMS.find((stream) => stream === query.value.get("stream")));
  if (job === null) return null;
  // Why a job failed is most often on its standard error.
  const first: Choice = job.state === "failed" ? "both" : "stdout";
  const isOneStream = job.links.stderr === undefined;
  const choice = isOneStream ? "stdout" : (asked.value ?? first);
  if (job.links.stdout === undefined) {
    return <Empty title={say("log.none")} words={say(noneOf(job))} />;
  }
  if (job.attempt === 1 && neverBegan(job)) return <Empty title={say("log.never")} words={say("log.never_words")} />;
  const wanted = Number(query.value.get("attempt"));
  const attempt = wanted >= 1 && wanted < job.attempt ? wanted : job.attempt;
  const panes: Stream[] = choice === "both" ? ["stdout", "stderr"] : [choice];
  return (
    <div class={`log log-${panes.length}`}>
      <div class="j-toolbar">
        {!isOneStream && <Streams chosen={choice} first={first} />}
        {job.attempt > 1 && <Attempts job={job} chosen={attempt} />}
        <label class="j-check">
          <input type="checkbox" checked={wrap.value} onChange={(event) => (wrap.value = event.currentTarget.checked)} />
          {say("log.wrap")}
        </label>
      </div>
      {panes.map((stream) => (
        <LogPane
          key={`${stream} ${attempt}`}
          {...{ state, stream, attempt }}
          jobId={job.id}
          isOne={panes.length === 1}
          isFirst={stream === panes[0]}
          wrap={wrap.value}
        />
      ))}
    </div>
  );
}

function noneOf(job: JobDocument): "log.none_array" | "log.none_parts" | "log.none_words" {
  if (job.array) return "log.none_array";
  return Object.keys(job.children).length > 0 ? "log.none_parts" : "log.none_words";
}

/** Of a lost job nobody knows when it started; it may have written all the same. */
function neverBegan(job: JobDocument): boolean {
  return job.ended !== null && job.started === null && job.reason !== "lost";
}

function Streams({ chosen, first }: { chosen: Choice; first: Choice }): JSX.Element {
  return (
    <div class="j-choices" role="group" aria-label={say("log.streams")}>
      {STREAMS.map((stream) => (
        <button
          key={stream}
          type="button"
          aria-pressed={stream === chosen}
          onClick={() => {
            setFragment("");
            setQuery({ tab: "log", stream: stream === first ? null : stream, pane: null });
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
