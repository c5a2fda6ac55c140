// Asks before an action on many jobs, with how many it concerns; does it, tells of it, and offers to undo what can be.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import { Ask } from "../../parts/Ask";
import { tell } from "../../parts/Toast";
import { count } from "../../text/format";
import { say } from "../../text/strings";
import { act, labelsOf, type Meant, type Offered, type Outcome, type Request } from "./bulk";
import { clearSelection } from "./view";

interface Props {
  action: Offered;
  meant: Meant;
  onClose: () => void;
}

/** The question, as a dialog. */
export function BulkDialog({ action, meant, onClose }: Props): JSX.Element {
  const jobs = useMemo(() => meant, []);
  const add = useSignal("");
  const remove = useSignal("");
  const would = useSignal<Outcome | null>(null);
  const problem = useSignal<string | null>(null);
  const requests = (): readonly Request[] => requestsOf(action, labelsOf(add.value), labelsOf(remove.value));
  useEffect(() => {
    // Labels are not known yet: what can be labelled are all that are meant.
    const question: Request = action === "label" ? { action: "hide", dry_run: true } : { action, dry_run: true };
    act(jobs, question).then(
      (outcome) => (would.value = outcome),
      (error: unknown) => (problem.value = wordsOf(error)),
    );
  }, []);
  const n = would.value === null ? null : action === "label" ? would.value.matched : would.value.ids.length;
  const confirm = async (): Promise<void> => {
    try {
      for (const request of requests()) report(request, await act(jobs, request));
      clearSelection();
      onClose();
    } catch (error) {
      problem.value = wordsOf(error);
    }
  };
  const isReady = n !== null && n > 0 && requests().length > 0;
  return (
    <Ask
      title={say(`bulk.${action}_title`, { n: jobsWords(n) })}
      action={say(`bulk.${action}_action`, { n: jobsWords(n) })}
      no={action === "cancel" ? say("dialog.leave") : say("dialog.cancel")}
      danger={action === "cancel"}
      disabled={!isReady}
      onClose={onClose}
      onConfirm={confirm}
    >
      {action === "label" ? (
        <>
          <Field words={say("bulk.label_add")} isFirst value={add} />
          <Field words={say("bulk.label_remove")} isFirst={false} value={remove} />
          <p class="muted">{say("bulk.label_hint")}</p>
        </>
      ) : (
        <p>{n === 0 ? say("bulk.nothing") : say(`bulk.${action}_words`)}</p>
      )}
      {would.value !== null && action !== "label" && <LeftOut action={action} outcome={would.value} />}
      {problem.value !== null && (
        <p class="is-error" role="alert">
          {problem.value}
        </p>
      )}
    </Ask>
  );
}

function Field({ words, isFirst, value }: { words: string; isFirst: boolean; value: { value: string } }): JSX.Element {
  return (
    <label class="field">
      <span>{words}</span>
      <input type="text" autofocus={isFirst} value={value.value} onInput={(event) => (value.value = event.currentTarget.value)} />
    </label>
  );
}

function LeftOut({ action, outcome }: { action: Offered; outcome: Outcome }): JSX.Element | null {
  const n = outcome.matched - outcome.ids.length;
  if (n <= 0 || outcome.ids.length === 0) return null;
  const why = outcome.failed[0]?.detail;
  if (action === "cancel") return <p class="muted">{say("bulk.left_out_ended", { n: count(n) })}</p>;
  if (action === "retry") return <p class="muted">{say("bulk.left_out_running", { n: count(n) })}</p>;
  return why === undefined ? null : <p class="muted">{say("bulk.failed", { n: count(n), why })}</p>;
}

/** One request for all; for labels one each, so that the answer tells which jobs had each already: Undo leaves it to them. */
function requestsOf(action: Offered, add: readonly string[], remove: readonly string[]): readonly Request[] {
  if (action !== "label") return [{ action }];
  return [...add.map((each) => ({ action, add: [each] })), ...remove.map((each) => ({ action, remove: [each] }))];
}

function report(request: Request, outcome: Outcome): void {
  const action = request.action as Offered;
  const back = undoing(request);
  const undo = back && outcome.ids.length > 0 ? { undo: () => takeBack(back, outcome.ids) } : {};
  if (outcome.ids.length > 0 || outcome.failed.length === 0) {
    tell(say(`bulk.${action}_done`, { n: jobsWords(outcome.ids.length) }), undo);
  }
  const [first] = outcome.failed;
  if (first) tell(say("bulk.failed", { n: jobsWords(outcome.failed.length), why: first.detail }), { problem: true });
}

function undoing({ action, add = [], remove = [] }: Request): Request | null {
  if (action === "hide") return { action: "unhide" };
  return action === "label" ? { action, add: remove, remove: add } : null;
}

async function takeBack(request: Request, ids: readonly string[]): Promise<void> {
  try {
    const outcome = await act({ ids }, request);
    tell(say("bulk.undone", { n: jobsWords(outcome.ids.length) }));
  } catch (error) {
    tell(wordsOf(error), { problem: true });
  }
}

function jobsWords(n: number | null): string {
  if (n === null) return "…";
  return n === 1 ? say("bulk.job") : say("bulk.jobs", { n: count(n) });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
