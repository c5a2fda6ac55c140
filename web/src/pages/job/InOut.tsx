// What went into a job and what came out of it, its files among them.
import type { JSX } from "preact";

import { address } from "../../api/client";
import type { Opaque } from "../../api/types";
import { CopyButton } from "../../parts/CopyButton";
import { JsonTree } from "../../parts/JsonTree";
import type { JobState } from "../../state/job";
import { bytes, clean } from "../../text/format";
import { say } from "../../text/job";
import { Empty } from "./Empty";
import { Staging } from "./Staging";

const PARTS = ["inputs", "outputs", "result", "extra"] as const;

/** The panel of inputs, outputs, result and what else came with the job. */
export function InOut({ state }: { state: JobState }): JSX.Element | null {
  const job = state.document.value;
  if (job === null) return null;
  const filled = PARTS.filter((part) => isSomething(job[part]));
  if (filled.length === 0 && !job.sandbox) return <Empty title={say("io.none")} words={say("io.none_words")} />;
  return (
    <div class="j-cards">
      {job.sandbox && <Staging job={job} sandbox={job.sandbox} />}
      {filled.map((part) => (
        <section key={part} class="j-card">
          <header>
            <h2>{say(`io.${part}`)}</h2>
            {!opaqueIn(job[part]) && <CopyButton text={JSON.stringify(job[part], null, 2)} />}
          </header>
          {opaqueIn(job[part]) ? (
            <Kept id={job.id} opaque={opaqueIn(job[part]) as Opaque} />
          ) : (
            <div class="json">
              <JsonTree value={job[part]} />
            </div>
          )}
        </section>
      ))}
    </div>
  );
}

function opaqueIn(value: unknown): Opaque | null {
  return typeof value === "object" && value !== null && "$opaque" in value ? (value["$opaque"] as Opaque) : null;
}

/** A result that the document has no room for. */
function Kept({ id, opaque }: { id: string; opaque: Opaque }): JSX.Element {
  const isPickle = opaque.media_type !== "application/json";
  return (
    <div class="kept">
      <p>
        {say("io.opaque", { type: clean(opaque.type || "JSON"), m: bytes(opaque.bytes) })}{" "}
        <a class="button" href={address(`jobs/${id}/result`)} download={`result-${id}.${isPickle ? "pickle" : "json"}`}>
          {say("io.download")}
        </a>
      </p>
      {isPickle && <p class="muted">{say("io.pickle")}</p>}
    </div>
  );
}

function isSomething(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
