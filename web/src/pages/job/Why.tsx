// Why a job waits, or how it failed: in words, with what to do, and in the scheduler's own text where that is asked for.
import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { Fragment, type JSX } from "preact";
import { useEffect } from "preact/hooks";

import { get } from "../../api/client";
import type { JobDocument, Why as Told } from "../../api/types";
import { textOf } from "../../log/ansi";
import { byLink } from "../../state/session";
import { clean } from "../../text/format";
import { say } from "../../text/job";
import "../../style/why.css";
import { NativeText } from "./NativeText";
import { Time } from "./Time";
import { AGAIN_MS, fits, isPuzzling, partsOf, pauseBefore, schedulerOf, standing, staysOpen } from "./why";

const GRAVE: ReadonlySet<string | null> = new Set(["unreachable", "cannot_start"]);

/** The panel above the tabs; nothing for a job that goes as it should. */
export function Why({ job }: { job: JobDocument }): JSX.Element | null {
  const told = useWhy(job).value;
  if (told === null || !isPuzzling(job) || !fits(told, job)) return null;
  // A link does not show it: secrets may be in it.
  const scheduler = byLink.value ? null : schedulerOf(told);
  return (
    <section class={`why why-${GRAVE.has(told.reason) ? told.reason : job.state}`} aria-labelledby="why-headline">
      <h2 id="why-headline">{clean(told.headline)}</h2>
      {told.as_of !== null && (
        <p class="why-as-of muted">
          {say("why.as_of")} <Time at={told.as_of} />
        </p>
      )}
      {scheduler !== null && <NativeText key={`${job.id} ${job.attempt}`} job={job} scheduler={scheduler} />}
      {told.words.length > 0 && (
        <ul class="why-words">
          {told.words.map((words) => (
            <li key={words} dir="auto">
              {clean(words)}
            </li>
          ))}
        </ul>
      )}
      {told.advice !== null && !byLink.value && <Advice text={told.advice} />}
      {told.last_lines.length > 0 && <Lines lines={told.last_lines} />}
    </section>
  );
}

function Advice({ text }: { text: string }): JSX.Element {
  return (
    <p class="why-advice">
      <strong>{say("why.advice")}</strong>{" "}
      <span>
        {partsOf(clean(text)).map((part, i) => (part.isCommand ? <Command key={i} text={part.text} /> : part.text))}
      </span>
    </p>
  );
}

/** A command that is broken between its words only: an option's hyphens are no place for that. */
function Command({ text }: { text: string }): JSX.Element {
  return (
    <code>
      {text.split(" ").map((word, i) => (
        <Fragment key={i}>
          {i > 0 && " "}
          <span class="nowrap">{word}</span>
        </Fragment>
      ))}
    </code>
  );
}

function Lines({ lines }: { lines: readonly string[] }): JSX.Element {
  return (
    <figure class="why-lines">
      <figcaption class="muted">{say("why.lines")}</figcaption>
      <pre class="j-code" tabIndex={0} dir="auto">
        {lines.map(textOf).join("\n")}
      </pre>
    </figure>
  );
}

/** Asks when the job's state or reason has changed, and every now and then while it waits and somebody looks. */
function useWhy(job: JobDocument): ReadonlySignal<Told | null> {
  const told = useSignal<Told | null>(null);
  const asks = isPuzzling(job);
  const key = asks ? standing(job) : "";
  useEffect(() => {
    if (!asks) return;
    const stop = new AbortController();
    const ask = (): void => {
      if (document.hidden) return;
      // What was told before stays when the server cannot be asked, and an older server has no such thing.
      get<Told>(`jobs/${job.id}/why`, {}, stop.signal).then((answer) => (told.value = answer), () => undefined);
    };
    const first = setTimeout(ask, pauseBefore(job, Date.now()));
    const again = staysOpen(job) ? setInterval(ask, AGAIN_MS) : undefined;
    document.addEventListener("visibilitychange", ask);
    return () => {
      clearTimeout(first);
      clearInterval(again);
      document.removeEventListener("visibilitychange", ask);
      stop.abort();
    };
  }, [job.id, key]);
  return useComputed(() => told.value);
}
