// A job's labels, to be added and taken away.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { patch } from "../../api/client";
import type { JobDocument } from "../../api/types";
import { Icon } from "../../parts/Icon";
import { tell } from "../../parts/Toast";
import type { JobState } from "../../state/job";
import { clean } from "../../text/format";
import { say } from "../../text/job";
import { wordsOf } from "./Actions";

/** Shows labels; with buttons to whoever may change them. */
export function Labels({ state, job }: { state: JobState; job: JobDocument }): JSX.Element {
  const text = useSignal("");
  if (!job.may.includes("label")) return <Plain job={job} />;
  const change = async (add: string[], remove: string[]): Promise<void> => {
    try {
      state.take(await patch<JobDocument>(`jobs/${job.id}/labels`, { add, remove }));
      text.value = "";
    } catch (error) {
      tell(wordsOf(error), { problem: true });
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (text.value.trim() !== "") void change([text.value.trim()], []);
  };
  return (
    <form class="j-labels" onSubmit={submit}>
      {job.labels.map((label) => (
        <span key={label} class="label label-editable">
          <span class="label-text">{clean(label)}</span>
          <button
            type="button"
            class="bare"
            aria-label={say("details.label_remove", { label: clean(label) })}
            onClick={() => void change([], [label])}
          >
            <Icon name="close" />
          </button>
        </span>
      ))}
      <input
        class="label-new"
        maxLength={200}
        placeholder={say("details.label_add")}
        aria-label={say("details.label_add")}
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      {text.value.trim() !== "" && <button type="submit">{say("details.add")}</button>}
    </form>
  );
}

function Plain({ job }: { job: JobDocument }): JSX.Element | null {
  if (job.labels.length === 0) return null;
  return (
    <span class="j-labels">
      {job.labels.map((label) => (
        <span key={label} class="label" title={clean(label)}>
          {clean(label)}
        </span>
      ))}
    </span>
  );
}
