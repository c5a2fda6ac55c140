// What is brought into a job's sandbox and fetched from it, and what becomes of it.
import { useSignal } from "@preact/signals";
import { Fragment, type JSX } from "preact";

import type { JobDocument, Sandbox, Transfer } from "../../api/types";
import { clean, count } from "../../text/format";
import { say } from "../../text/job";
import { fateWords, wasCutShort } from "../../text/staging";

const SHOWN = 20;

/** The card of a sandbox. */
export function Staging({ job, sandbox }: { job: JobDocument; sandbox: Sandbox }): JSX.Element {
  const fate = fateWords(sandbox, job);
  return (
    <section class="j-card card-wide staging">
      <header>
        <h2>{say("staging.sandbox")}</h2>
      </header>
      {fate !== null && <p class="muted">{fate}</p>}
      {wasCutShort(job) && <p class="muted">{say("staging.cut_short")}</p>}
      <div class="staging-ways">
        <Way title={say("staging.in")} rows={linesOf(sandbox.stage_in)} from={say("staging.from")} to={say("staging.in_sandbox")} />
        <Way title={say("staging.out")} rows={[...copiesOf(sandbox), ...linesOf(sandbox.stage_out)]} from={say("staging.in_sandbox")} to={say("staging.to")} />
      </div>
    </section>
  );
}

interface Line extends Transfer {
  /** A copy of the log: its source is no path. */
  isLog: boolean;
}

const linesOf = (all: readonly Transfer[] = []): Line[] => all.map((one) => ({ ...one, isLog: false }));

function copiesOf(sandbox: Sandbox): Line[] {
  return (["stdout", "stderr"] as const).flatMap((stream) => {
    const target = sandbox[stream];
    return target ? [{ source: say(`staging.${stream}`), target, isLog: true }] : [];
  });
}

function Way({ title, rows, from, to }: { title: string; rows: readonly Line[]; from: string; to: string }): JSX.Element | null {
  const all = useSignal(false);
  if (rows.length === 0) return null;
  const shown = all.value ? rows : rows.slice(0, SHOWN);
  return (
    <div class="table-scroll">
      <table class="j-table staging-table">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{from}</th>
            <th scope="col">{to}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={`${row.isLog} ${row.source} ${row.target}`}>
              <td>{row.isLog ? row.source : <Path text={row.source} />}</td>
              <td>
                <Path text={row.target} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < rows.length && (
        <button type="button" class="plain" onClick={() => (all.value = true)}>
          {say("io.more", { n: count(rows.length - shown.length) })}
        </button>
      )}
    </div>
  );
}

/** A path, which is broken behind its slashes where it is too long. */
function Path({ text }: { text: string }): JSX.Element {
  return (
    <code dir="ltr">
      <bdi>
        {clean(text)
          .split(/(?<=\/)/)
          .map((part, n) => (
            <Fragment key={n}>
              {n > 0 && <wbr />}
              {part}
            </Fragment>
          ))}
      </bdi>
    </code>
  );
}
