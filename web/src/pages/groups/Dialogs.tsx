// What is asked before a group is made, filled, renamed, forgotten, or its jobs are cancelled.
import { useSignal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useId } from "preact/hooks";

import { get, patch, post, remove } from "../../api/client";
import { Ask } from "../../parts/Ask";
import { tell } from "../../parts/Toast";
import { clean } from "../../text/format";
import { say } from "../../text/groups";
import { BulkDialog } from "../list/BulkDialog";
import { add, liveJobs, placeOf, wordsOf } from "./acting";
import type { Group, GroupsPage } from "./documents";
import { jobsOf } from "./tree";

/** What is asked, and of which group; without one, of one's own root. */
export interface Question {
  what: "new" | "add" | "rename" | "delete" | "cancel";
  group: Group | null;
}

interface Props {
  question: Question;
  /** Called when something has changed. */
  onDone: (what: Question) => void;
  onClose: () => void;
}

/** The dialog of a question. */
export function Dialogs({ question, onDone, onClose }: Props): JSX.Element | null {
  const { what, group } = question;
  const done = (): void => {
    onDone(question);
    onClose();
  };
  if (what === "new") return <New within={group} onDone={done} onClose={onClose} />;
  if (group === null) return null;
  if (what === "add") return <Add group={group} onDone={done} onClose={onClose} />;
  if (what === "rename") return <Rename group={group} onDone={done} onClose={onClose} />;
  if (what === "delete") return <Delete group={group} onDone={done} onClose={onClose} />;
  return <CancelAll group={group} onClose={done} />;
}

interface FieldProps {
  words: string;
  value: Signal<string>;
  hint?: string;
  isFirst?: boolean;
  list?: string;
}

function Field({ words, value, hint, isFirst = false, list }: FieldProps): JSX.Element {
  return (
    <label class="field">
      <span>{words}</span>
      <input
        type="text"
        autofocus={isFirst}
        autocomplete="off"
        list={list}
        value={value.value}
        onInput={(event) => (value.value = event.currentTarget.value)}
      />
      {hint !== undefined && <small class="muted">{hint}</small>}
    </label>
  );
}

interface OneProps {
  group: Group;
  onDone: () => void;
  onClose: () => void;
}

interface FormProps {
  title: string;
  action: string;
  no?: string;
  danger?: boolean;
  disabled?: boolean;
  does: () => Promise<void>;
  onDone: () => void;
  onClose: () => void;
  children: JSX.Element | JSX.Element[];
}

/** Does what was said, and stays open with the reason where it was refused. */
function Form({ does, onDone, children, ...rest }: FormProps): JSX.Element {
  const refused = useSignal<string | null>(null);
  const confirm = async (): Promise<void> => {
    try {
      await does();
    } catch (error) {
      refused.value = wordsOf(error);
      return;
    }
    onDone();
  };
  return (
    <Ask {...rest} onConfirm={confirm}>
      {children}
      {refused.value !== null && (
        <p class="is-error" role="alert">
          {clean(refused.value)}
        </p>
      )}
    </Ask>
  );
}

function New({ within, onDone, onClose }: { within: Group | null; onDone: () => void; onClose: () => void }): JSX.Element {
  const name = useSignal("");
  const url = useSignal("");
  const make = async (): Promise<void> => {
    const more = { ...(url.value.trim() !== "" && { url: url.value.trim() }), ...(within !== null && { parent: within.id }) };
    await post("groups", { name: name.value.trim(), ...more });
  };
  const isRoot = within === null || within.is_root;
  return (
    <Form
      title={isRoot ? say("new_title") : say("new_title_in", { name: clean(within.name) })}
      action={say("new_action")}
      disabled={name.value.trim() === ""}
      does={make}
      onDone={onDone}
      onClose={onClose}
    >
      <Field words={say("name")} value={name} isFirst />
      <Field words={say("address")} value={url} hint={say("address_hint")} />
    </Form>
  );
}

function Add({ group, onDone, onClose }: OneProps): JSX.Element {
  const jobs = useSignal("");
  const other = useSignal("");
  const names = useSignal<readonly string[]>([]);
  const id = useId();
  useEffect(() => {
    get<GroupsPage>("groups", { limit: 1000 }).then(
      (page) => (names.value = [...new Set(page.groups.filter((one) => one.id !== group.id && !one.is_root).map((one) => one.name))]),
      () => undefined, // names are offered as a help only
    );
  }, []);
  const put = async (): Promise<void> => {
    const n = await add(group, jobsOf(jobs.value), other.value.trim() === "" ? [] : [other.value.trim()]);
    const words = { n, group: clean(group.name) };
    tell(say(n === 0 ? "added_none" : n === 1 ? "added_one" : "added", words));
  };
  return (
    <Form
      title={say("add_title", { name: clean(group.name) })}
      action={say("add_action")}
      disabled={jobs.value.trim() === "" && other.value.trim() === ""}
      does={put}
      onDone={onDone}
      onClose={onClose}
    >
      <Field words={say("add_jobs")} value={jobs} hint={say("add_jobs_hint")} isFirst />
      <Field words={say("add_group")} value={other} hint={say("add_group_hint")} list={id} />
      <datalist id={id}>
        {names.value.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </Form>
  );
}

function Rename({ group, onDone, onClose }: OneProps): JSX.Element {
  const name = useSignal(group.name);
  const url = useSignal(group.url ?? "");
  const change = async (): Promise<void> => {
    await patch(placeOf(group), { name: name.value.trim(), url: url.value.trim() });
  };
  return (
    <Form
      title={say("rename_title", { name: clean(group.name) })}
      action={say("rename_action")}
      disabled={name.value.trim() === ""}
      does={change}
      onDone={onDone}
      onClose={onClose}
    >
      <Field words={say("name")} value={name} isFirst />
      <Field words={say("address")} value={url} hint={say("address_hint")} />
    </Form>
  );
}

function Delete({ group, onDone, onClose }: OneProps): JSX.Element {
  const end = async (): Promise<void> => {
    await remove(placeOf(group));
    tell(say("deleted", { name: clean(group.name) }));
  };
  return (
    <Form
      title={say("delete_title", { name: clean(group.name) })}
      action={say("delete_action")}
      danger
      does={end}
      onDone={onDone}
      onClose={onClose}
    >
      <p>{say("delete_words")}</p>
    </Form>
  );
}

/** Asks as the list of jobs does, once it is known which jobs are meant. */
function CancelAll({ group, onClose }: { group: Group; onClose: () => void }): JSX.Element | null {
  const ids = useSignal<readonly string[] | null>(null);
  useEffect(() => {
    liveJobs(group).then(
      (found) => (ids.value = found),
      (error: unknown) => {
        tell(wordsOf(error), { problem: true });
        onClose();
      },
    );
  }, []);
  return ids.value === null ? null : <BulkDialog action="cancel" meant={{ ids: ids.value }} onClose={onClose} />;
}
