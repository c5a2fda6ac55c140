// The page of one job.
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import { Refused } from "../../api/client";
import { FINAL, type JobDocument } from "../../api/types";
import { pathOf } from "../../app/root";
import { route } from "../../app/router";
import { Troubles } from "../../parts/Troubles";
import { JobState } from "../../state/job";
import { byLink } from "../../state/session";
import { percent } from "../../text/format";
import { say } from "../../text/job";
import "../../style/job.css";
import { Head } from "./Head";
import { Tabs } from "./Tabs";
import { Why } from "./Why";
import { nameOf } from "./names";

/** Shows the job that the address names. */
export function JobPage(): JSX.Element | null {
  const ref = route.value.page === "job" ? route.value.ref : "";
  const state = useMemo(() => new JobState(ref), [ref]);
  useEffect(() => {
    void state.open();
    return () => state.close();
  }, [state]);
  const job = state.document.value;
  const trouble = state.trouble.value;
  useTitle(job);
  if (trouble !== null) return <Trouble trouble={trouble} jobRef={ref} again={() => void state.open()} />;
  if (job === null) {
    return (
      <p class="job-reading muted" role="status">
        {say("loading")}
      </p>
    );
  }
  return (
    <article class="job">
      {job.cluster !== null && !FINAL.has(job.state) && <Troubles job={job} />}
      <Head state={state} job={job} />
      <Why job={job} />
      <Tabs state={state} />
    </article>
  );
}

function useTitle(job: JobDocument | null): void {
  const words =
    job === null
      ? "Headway"
      : `${job.progress === null || job.ended !== null ? "" : `${percent(job.progress)} `}${nameOf(job)}: ${job.state}`;
  useEffect(() => {
    document.title = words;
  }, [words]);
  useEffect(() => () => void (document.title = "Headway"), []);
}

function Trouble({ trouble, jobRef, again }: { trouble: unknown; jobRef: string; again: () => void }): JSX.Element {
  const status = trouble instanceof Refused ? trouble.status : 0;
  if (status === 404 || status === 400) {
    return (
      <section class="notice">
        <h1>{say("missing.title", { ref: jobRef })}</h1>
        <p>{say("missing.words")}</p>
        <p>
          <a class="button" href={pathOf("")}>
            {say("head.jobs")}
          </a>
        </p>
      </section>
    );
  }
  if (status === 401) {
    return (
      <section class="notice">
        <h1>{say(byLink.value ? "denied.link" : "denied.title")}</h1>
        <p>{byLink.value && trouble instanceof Refused ? sentence(trouble.message) : say("denied.words")}</p>
        <p>
          <a class="button" href={pathOf("login")}>
            {say("denied.login")}
          </a>
        </p>
      </section>
    );
  }
  return (
    <section class="notice" role="alert">
      <h1>{say("trouble.title")}</h1>
      <p>{trouble instanceof Error ? trouble.message : String(trouble)}</p>
      <p>
        <button type="button" onClick={again}>
          {say("trouble.again")}
        </button>
      </p>
    </section>
  );
}

/** Gives a problem's detail as words that stand by themselves. */
function sentence(detail: string): string {
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
}
