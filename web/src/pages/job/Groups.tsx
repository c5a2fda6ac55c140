// The groups that a job is in, and the ways into another one and out.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { get } from "../../api/client";
import type { JobDocument } from "../../api/types";
import { pathOf } from "../../app/root";
import { Ask } from "../../parts/Ask";
import { Icon } from "../../parts/Icon";
import type { JobState } from "../../state/job";
import { byLink, who } from "../../state/session";
import { clean } from "../../text/format";
import { say } from "../../text/groups";
import { add, mayChange, takeOut, wordsOf } from "../groups/acting";
import type { Group, GroupsPage } from "../groups/documents";
import { nameOf } from "./names";

/** Tells whether there is anything to show of a job's groups. */
export function hasGroups(job: JobDocument): boolean {
  return (job.groups ?? []).length > 0 || mayGroup(job);
}

function mayGroup(job: JobDocument): boolean {
  return job.groups !== undefined && !byLink.value && job.may.includes("report") && mayChange(who.value?.scopes);
}

/** The groups' names, each a way to its page. */
export function GroupLinks({ job }: { job: JobDocument }): JSX.Element {
  return (
    <span class="j-group-links">
      {(job.groups ?? []).map((group) => (
        <a key={group.id} href={pathOf(`groups?id=${encodeURIComponent(group.id)}`)} dir="auto">
          {clean(group.name)}
        </a>
      ))}
    </span>
  );
}

/** The groups; each can be left, and others joined, by whoever may. */
export function Groups({ state, job }: { state: JobState; job: JobDocument }): JSX.Element {
  const isAdding = useSignal(false);
  const may = mayGroup(job);
  const again = (): void => {
    get<JobDocument>(`jobs/${job.id}`).then(
      (document) => state.take(document),
      () => undefined, // the page tells by itself when nobody answers
    );
  };
  const leave = (group: { id: string; name: string }): void =>
    void takeOut(group, { kind: "job", id: job.id, name: nameOf(job) }, again);
  return (
    <span class="j-labels">
      {(job.groups ?? []).map((group) => (
        <span key={group.id} class={may ? "label label-editable" : "label"}>
          <a class="label-text" href={pathOf(`groups?id=${encodeURIComponent(group.id)}`)} dir="auto">
            {clean(group.name)}
          </a>
          {may && (
            <button type="button" class="bare" aria-label={say("take_out", { group: clean(group.name) })} onClick={() => leave(group)}>
              <Icon name="close" />
            </button>
          )}
        </span>
      ))}
      {may && (
        <button type="button" class="plain" onClick={() => (isAdding.value = true)}>
          {say("of_job_add")}
        </button>
      )}
      {isAdding.value && <Join job={job} onDone={again} onClose={() => (isAdding.value = false)} />}
    </span>
  );
}

function Join({ job, onDone, onClose }: { job: JobDocument; onDone: () => void; onClose: () => void }): JSX.Element {
  const groups = useSignal<readonly Group[]>([]);
  const chosen = useSignal("");
  const refused = useSignal<string | null>(null);
  useEffect(() => {
    get<GroupsPage>("groups", { limit: 1000 }).then(
      (page) => {
        const known = new Set((job.groups ?? []).map((group) => group.id));
        groups.value = page.groups.filter((group) => !known.has(group.id));
      },
      (error: unknown) => (refused.value = wordsOf(error)),
    );
  }, []);
  const join = async (): Promise<void> => {
    try {
      await add({ id: chosen.value }, [job.id], []);
    } catch (error) {
      refused.value = wordsOf(error);
      return;
    }
    onDone();
    onClose();
  };
  return (
    <Ask
      title={say("of_job_title", { name: nameOf(job) })}
      action={say("add_action")}
      disabled={chosen.value === ""}
      onClose={onClose}
      onConfirm={join}
    >
      <label class="field">
        <span>{say("of_job_group")}</span>
        <select value={chosen.value} onChange={(event) => (chosen.value = event.currentTarget.value)}>
          <option value="" />
          {groups.value.map((group) => (
            <option key={group.id} value={group.id}>
              {clean(group.name)}
            </option>
          ))}
        </select>
      </label>
      {refused.value !== null && (
        <p class="is-error" role="alert">
          {clean(refused.value)}
        </p>
      )}
    </Ask>
  );
}
