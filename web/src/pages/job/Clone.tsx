// A new job like this one, with edits; what is different is shown before it is sent.
import { useComputed, useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";

import { post } from "../../api/client";
import type { JobDocument } from "../../api/types";
import { go } from "../../app/router";
import { Dialog } from "../../parts/Dialog";
import { clean } from "../../text/format";
import { say } from "../../text/job";
import { wordsOf } from "./Actions";
import { changesOf, differences, formOf, Unusable, type Field, type Form } from "./clone";
import { nameOf } from "./names";

const SMALL = ["nodes", "processes", "per_node", "cores", "gpus", "memory", "duration", "total_duration", "queue", "account"] as const;
const MOST_ROWS = 12;
const HINTS = { memory: "clone.memory_hint", duration: "clone.duration_hint", total_duration: "clone.total_duration_hint" } as const;

interface Read {
  changes: Record<string, unknown> | null;
  problem: string;
  field: Field | null;
}

/** The dialog of a clone. */
export function Clone({ job, onClose }: { job: JobDocument; onClose: () => void }): JSX.Element {
  const form = useSignal<Form>(formOf(job));
  const busy = useSignal(false);
  const refused = useSignal("");
  const read = useComputed<Read>(() => readForm(job, form.value));
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { changes } = read.value;
    if (changes === null || busy.value) return;
    busy.value = true;
    refused.value = "";
    try {
      const made = await post<JobDocument>(`jobs/${job.id}/clone`, changes);
      onClose();
      go(`j/${made.number}`);
    } catch (error) {
      refused.value = wordsOf(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog title={say("clone.title", { job: nameOf(job) })} onClose={onClose} class="dialog-wide">
      <form class="clone" onSubmit={(event) => void send(event)}>
        <p class="muted">{say("clone.words")}</p>
        <Text form={form} field="name" read={read.value} />
        {!job.function && <Area form={form} field="command" read={read.value} />}
        {job.sandbox ? (
          <>
            <Area form={form} field="stage_in" read={read.value} hint={say("clone.stage_in_hint")} />
            <Area form={form} field="stage_out" read={read.value} hint={say("clone.stage_out_hint")} />
          </>
        ) : (
          <Text form={form} field="directory" read={read.value} hint={say("clone.directory_hint")} mono />
        )}
        <Area form={form} field="environment" read={read.value} hint={say("clone.environment_hint")} />
        <Text form={form} field="labels" read={read.value} hint={say("clone.labels_hint")} />
        <fieldset>
          <legend>{say("clone.resources")}</legend>
          <div class="clone-small">
            {SMALL.map((field) => (
              <Text key={field} form={form} field={field} read={read.value} {...(field in HINTS && { hint: say(HINTS[field as keyof typeof HINTS]) })} />
            ))}
          </div>
        </fieldset>
        <Difference job={job} changes={read.value.changes} />
        <p class="form-problem" role="alert">
          {read.value.problem || refused.value}
        </p>
        <footer class="dialog-foot">
          <button type="button" onClick={onClose}>
            {say("clone.discard")}
          </button>
          <button type="submit" class="primary" disabled={busy.value || read.value.changes === null}>
            {say("clone.send")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function readForm(job: JobDocument, form: Form): Read {
  try {
    return { changes: changesOf(job, form), problem: "", field: null };
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    const words = error.what === "quotes" ? error.message : say(`clone.${error.what}`, { text: clean(error.message) });
    return { changes: null, problem: say("clone.quotes", { field: say(`clone.${error.field}`), problem: words }), field: error.field };
  }
}

interface FieldProps {
  form: Signal<Form>;
  field: Field;
  read: Read;
  hint?: string;
}

function Labelled({ field, hint, children }: { field: Field; hint?: string | undefined; children: ComponentChildren }): JSX.Element {
  return (
    <label class="clone-field">
      <span class="clone-name">
        {say(`clone.${field}`)}
        {hint !== undefined && <span class="muted"> {hint}</span>}
      </span>
      {children}
    </label>
  );
}

function Text({ form, field, read, hint, mono = false }: FieldProps & { mono?: boolean }): JSX.Element {
  return (
    <Labelled field={field} hint={hint}>
      <input
        class={mono ? "mono" : ""}
        value={form.value[field]}
        aria-invalid={read.field === field}
        onInput={(event) => (form.value = { ...form.value, [field]: event.currentTarget.value })}
      />
    </Labelled>
  );
}

function Area({ form, field, read, hint }: FieldProps): JSX.Element {
  return (
    <Labelled field={field} hint={hint}>
      <textarea
        class="mono"
        rows={Math.min(MOST_ROWS, Math.max(2, form.value[field].split("\n").length))}
        spellcheck={false}
        value={form.value[field]}
        aria-invalid={read.field === field}
        onInput={(event) => (form.value = { ...form.value, [field]: event.currentTarget.value })}
      />
    </Labelled>
  );
}

function Difference({ job, changes }: { job: JobDocument; changes: Record<string, unknown> | null }): JSX.Element | null {
  if (changes === null) return null;
  const found = differences(job, changes);
  return (
    <section class="clone-diff" aria-live="polite">
      <h3>{say("clone.diff")}</h3>
      {found.length === 0 ? (
        <p class="muted">{say("clone.same")}</p>
      ) : (
        <ul>
          {found.map((each) => (
            <li key={each.what}>
              <span class="diff-what">{clean(each.what)}</span>
              <del>{each.before === null ? say("clone.nothing") : each.secret ? say("clone.secret") : clean(each.before)}</del>
              <ins>{each.after === null ? say("clone.nothing") : each.secret ? say("clone.changed_secret") : clean(each.after)}</ins>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
