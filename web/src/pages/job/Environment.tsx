// The variables that a job was given; those that look secret are masked until somebody asks.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { JobDocument } from "../../api/types";
import { byLink } from "../../state/session";
import { clean } from "../../text/format";
import { say } from "../../text/job";
import { isSecret, MASK } from "../../text/secret";

/** A card with the environment. */
export function Environment({ job }: { job: JobDocument }): JSX.Element | null {
  const revealed = useSignal(false);
  const variables = Object.entries(job.environment);
  if (variables.length === 0) return null;
  return (
    <section class="j-card card-wide">
      <header>
        <h2>
          {say("details.environment")} <span class="muted card-note">{say(noteOf(job))}</span>
        </h2>
        {!byLink.value && variables.some(([name]) => isSecret(name)) && (
          <button type="button" aria-pressed={revealed.value} onClick={() => (revealed.value = !revealed.value)}>
            {say(revealed.value ? "details.mask" : "details.reveal")}
          </button>
        )}
      </header>
      <dl class="variables">
        {variables.map(([name, value]) => (
          <div key={name}>
            <dt>
              <code>{clean(name)}</code>
            </dt>
            <dd>
              <code>{byLink.value || (isSecret(name) && !revealed.value) ? MASK : clean(value)}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function noteOf(job: JobDocument): "details.covered" | "details.inherited" | "details.bare" {
  if (byLink.value) return "details.covered";
  return job.inherit_environment ? "details.inherited" : "details.bare";
}
