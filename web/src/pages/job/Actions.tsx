// What can be done with a job.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { post, Refused } from "../../api/client";
import { FINAL, type JobDocument, type Right } from "../../api/types";
import { Confirm } from "../../parts/Confirm";
import { Icon } from "../../parts/Icon";
import { tell } from "../../parts/Toast";
import type { JobState } from "../../state/job";
import { byLink } from "../../state/session";
import { say } from "../../text/job";
import { canBeCopied } from "../../text/recipes";
import { Clone } from "./Clone";
import { nameOf } from "./names";
import { Recipes } from "./Recipes";

type Open = "cancel" | "clone" | "copy" | null;

/** The buttons beside a job's name, and the dialogs that they open. What would be refused has none. */
export function Actions({ state, job }: { state: JobState; job: JobDocument }): JSX.Element {
  const open = useSignal<Open>(null);
  const busy = useSignal(false);
  const ended = FINAL.has(job.state);
  const isAdopted = job.kind === "adopted";
  const runsHere = job.kind !== "report" && !isAdopted && job.cluster !== null;
  const may = (right: Right): boolean => job.may.includes(right);
  const act = async (action: string, done?: (after: JobDocument) => string): Promise<void> => {
    busy.value = true;
    try {
      const after = await post<JobDocument>(`jobs/${job.id}/${action}`);
      state.take(after);
      if (done) tell(done(after));
    } catch (error) {
      tell(wordsOf(error), { problem: true });
    } finally {
      busy.value = false;
    }
  };
  const close = (): void => void (open.value = null);
  return (
    <div class="job-actions">
      {!ended && may("cancel") && (
        <button type="button" class="danger" disabled={job.cancel !== null} onClick={() => (open.value = "cancel")}>
          <Icon name="cancelled" />
          {say("action.cancel")}
        </button>
      )}
      {ended && runsHere && may("retry") && (
        <button
          type="button"
          disabled={busy.value}
          onClick={() => void act("retry", (after) => say("retry.done", { n: after.attempt }))}
        >
          <Icon name="running" />
          {say("action.retry")}
        </button>
      )}
      {runsHere && may("clone") && (
        <button type="button" onClick={() => (open.value = "clone")}>
          {say("action.clone")}
        </button>
      )}
      {!byLink.value && !isAdopted && canBeCopied(job) && (
        <button type="button" onClick={() => (open.value = "copy")}>
          <Icon name="copy" />
          {say("action.copy")}
        </button>
      )}
      {ended && may("hide") && (
        <button type="button" disabled={busy.value} onClick={() => void act(job.hidden === null ? "hide" : "unhide")}>
          {say(job.hidden === null ? "action.hide" : "action.unhide")}
        </button>
      )}
      {open.value === "cancel" && (
        <Confirm
          title={say("cancel.title", { job: nameOf(job) })}
          yes={say("cancel.yes")}
          no={say("cancel.no")}
          isDanger
          onYes={() => {
            close();
            void act("cancel");
          }}
          onNo={close}
        >
          <p>{say("cancel.words")}</p>
        </Confirm>
      )}
      {open.value === "clone" && <Clone job={job} onClose={close} />}
      {open.value === "copy" && <Recipes job={job} onClose={close} />}
    </div>
  );
}

/** Gives what to tell of an error. */
export function wordsOf(error: unknown): string {
  if (error instanceof Refused && error.problem.detail !== undefined) return error.problem.detail;
  return error instanceof Error ? error.message : String(error);
}
