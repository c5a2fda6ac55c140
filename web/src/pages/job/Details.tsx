// Everything else that is known of a job.
import type { ComponentChildren, JSX } from "preact";

import type { Attempt, JobDocument, Usage } from "../../api/types";
import { CopyButton } from "../../parts/CopyButton";
import { StateWord } from "../../parts/State";
import type { JobState } from "../../state/job";
import { exitWords, whyWords } from "../../text/endings";
import { bytes, clean, duration } from "../../text/format";
import { say as ofGroups } from "../../text/groups";
import { say } from "../../text/job";
import { quoteAll } from "../../text/shell";
import { Attempts } from "./Attempts";
import { Environment } from "./Environment";
import { Groups, hasGroups } from "./Groups";
import { Labels } from "./Labels";
import { keyWords } from "./names";
import { exactly } from "./numbers";
import { Time } from "./Time";

/** The panel of the details. */
export function Details({ state }: { state: JobState }): JSX.Element | null {
  const job = state.document.value;
  if (job === null) return null;
  return (
    <div class="j-cards">
      <Became job={job} />
      <Runs job={job} />
      <Where job={job} />
      <Who state={state} job={job} />
      <When job={job} />
      <Environment job={job} />
      {job.attempts.length > 1 && <Attempts job={job} />}
    </div>
  );
}

function Card({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="j-card">
      <header>
        <h2>{title}</h2>
      </header>
      {children}
    </section>
  );
}

/** A line of a list of facts; nothing when there is nothing to say. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element | null {
  if (children === null || children === undefined || children === "" || children === false) return null;
  return (
    <div class="j-fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Became({ job }: { job: JobDocument }): JSX.Element {
  const why = whyWords(job);
  const exit = exitWords(job);
  return (
    <Card title={say("details.how")}>
      <dl class="j-facts">
        <Fact name={say("details.state")}>
          <StateWord job={{ ...job, reason: null, exit_code: null, signal: null }} />
        </Fact>
        <Fact name={say("details.why")}>{why === exit ? null : clean(why)}</Fact>
        <Fact name={say("details.exit")}>{exit}</Fact>
        <Fact name={say("details.status")}>{clean(job.status_text)}</Fact>
        {job.cancel !== null && (
          <Fact name={say("details.cancel")}>
            {clean(job.cancel.by)} <Time at={job.cancel.at} />
          </Fact>
        )}
        {job.error !== null && job.error.message !== exit && (
          <Fact name={say("details.error")}>
            {job.error.type !== "" && job.error.type !== job.reason && <strong>{clean(job.error.type)} </strong>}
            {clean(job.error.message)}
          </Fact>
        )}
        <Fact name={say("details.used")}>{job.usage === null ? null : usedWords(job.usage)}</Fact>
      </dl>
      {job.error?.traceback && (
        <details open class="traceback">
          <summary>{say("details.traceback")}</summary>
          <pre class="j-code j-unwrapped" tabIndex={0}>
            {clean(job.error.traceback)}
          </pre>
        </details>
      )}
    </Card>
  );
}

function usedWords(usage: Usage): string {
  const parts = [
    usage.cpu_s === null ? "" : say("details.cpu", { t: exactly(usage.cpu_s * 1000) }),
    usage.max_memory_bytes === null ? "" : say("details.memory", { m: bytes(usage.max_memory_bytes) }),
    usage.wall_s === null ? "" : say("details.wall", { t: exactly(usage.wall_s * 1000) }),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function Runs({ job }: { job: JobDocument }): JSX.Element | null {
  if (job.command.length === 0 && !job.function) return null;
  const called = job.function ?? null;
  const command = called === null ? quoteAll(job.command) : called.shell || called.source;
  return (
    <section class="j-card">
      <header>
        <h2>{say("details.what")}</h2>
        {command !== "" && <CopyButton text={command} />}
      </header>
      {command !== "" && (
        <pre class="j-code" tabIndex={0} aria-label={say(called === null ? "details.command" : "details.function")}>
          {called === null ? command : clean(command)}
        </pre>
      )}
      <dl class="j-facts">
        {called !== null && (
          <Fact name={say("details.function")}>
            {called.shell !== "" ? say("details.shell") : called.source !== "" ? say("details.source") : say("details.pickled", { m: bytes(called.pickled_bytes) })}
          </Fact>
        )}
        {called !== null && called.rerun > 0 && <Fact name={say("details.rerun")}>{say("details.rerun_words", { n: called.rerun })}</Fact>}
        <Fact name={say("details.directory")}>
          {job.sandbox ? <span class="muted">{say("details.sandbox")}</span> : job.directory === null ? <span class="muted">{say("details.own_directory")}</span> : <code>{clean(job.directory)}</code>}
        </Fact>
        {job.stdin_path !== null && (
          <Fact name={say("details.stdin")}>
            <code>{clean(job.stdin_path)}</code>
          </Fact>
        )}
        {Object.entries({ ...job.resources, ...job.attributes }).map(([key, value]) => (
          <Fact key={key} name={clean(keyWords(key))}>
            {asked(key, value)}
          </Fact>
        ))}
      </dl>
    </section>
  );
}

function asked(key: string, value: unknown): string | null {
  if (key === "memory" && typeof value === "number") return bytes(value);
  if (key.endsWith("duration") && typeof value === "number") return duration(value);
  if (typeof value === "boolean") return say(value ? "details.yes" : "details.no");
  if (typeof value !== "object" || value === null) return clean(String(value));
  return Object.keys(value).length === 0 ? null : clean(JSON.stringify(value));
}

function Where({ job }: { job: JobDocument }): JSX.Element {
  const last: Attempt | undefined = job.attempts.at(-1);
  return (
    <Card title={say("details.where")}>
      <dl class="j-facts">
        <Fact name={say("details.cluster")}>{job.cluster === null ? say("head.only_reports") : clean(job.cluster)}</Fact>
        <Fact name={say("details.native_id")}>{job.native_id === null ? null : <code>{clean(job.native_id)}</code>}</Fact>
        <Fact name={say("details.native_state")}>{last?.native_state ? <code>{clean(last.native_state)}</code> : null}</Fact>
        <Fact name={say("details.host")}>{last?.host ? clean(last.host) : null}</Fact>
        <Fact name={say("details.runs_as")}>{job.runs_as ? clean(job.runs_as) : null}</Fact>
        {Object.entries(last?.native_info ?? {}).map(([key, value]) => (
          <Fact key={key} name={clean(key)}>
            <code>{clean(typeof value === "string" ? value : JSON.stringify(value))}</code>
          </Fact>
        ))}
      </dl>
    </Card>
  );
}

function Who({ state, job }: { state: JobState; job: JobDocument }): JSX.Element {
  return (
    <Card title={say("details.who")}>
      <dl class="j-facts">
        <Fact name={say("details.owner")}>{clean(job.owner)}</Fact>
        <Fact name={say("details.project")}>{job.project === null ? null : clean(job.project)}</Fact>
        <Fact name={say("details.protocol")}>{clean(job.protocol)}</Fact>
        {(job.labels.length > 0 || job.may.includes("label")) && (
          <Fact name={say("details.labels")}>
            <Labels state={state} job={job} />
          </Fact>
        )}
        {hasGroups(job) && (
          <Fact name={ofGroups("of_job")}>
            <Groups state={state} job={job} />
          </Fact>
        )}
        <Fact name={say("details.id")}>
          <code>{job.id}</code>
        </Fact>
        <Fact name={say("details.rev")}>
          <span class="number">{job.rev}</span>
        </Fact>
      </dl>
    </Card>
  );
}

const TIMES = ["created", "queued", "started", "ended", "updated", "expires"] as const;

function When({ job }: { job: JobDocument }): JSX.Element {
  return (
    <Card title={say("details.when")}>
      <dl class="j-facts">
        {TIMES.map((key) => {
          const time = job[key];
          return (
            time !== null && (
              <Fact key={key} name={say(`details.${key}`)}>
                <Time at={time} full />
              </Fact>
            )
          );
        })}
      </dl>
    </Card>
  );
}
