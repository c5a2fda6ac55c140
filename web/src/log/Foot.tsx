// What stands below a log: how long it is, whether its end is followed, and the way to a line.
import { useSignal } from "@preact/signals";
import type { JSX, RefObject } from "preact";
import { useId } from "preact/hooks";

import { count } from "../text/format";
import { say } from "../text/job";
import { lineOf } from "./place";
import type { LogStore } from "./store";

interface Props {
  store: LogStore;
  toEnd: () => void;
  toLine: (line: number) => void;
  /** The field for a line's number. */
  field: RefObject<HTMLInputElement | null>;
}

/** The foot of a log. */
export function Foot({ store, toEnd, toLine, field }: Props): JSX.Element | null {
  const following = store.following.value;
  const ended = store.ended.value;
  const total = store.total.value;
  if (total === 0) return null;
  return (
    <div class="log-foot">
      <span class="number muted">{total === 1 ? say("log.line") : say("log.lines", { n: count(total) })}</span>
      {!ended && (
        <span class={following ? "log-state is-live" : "log-state"} role="status">
          <span class="live-dot" aria-hidden="true" />
          {say(following ? "log.following" : "log.paused")}
        </span>
      )}
      <span class="log-ways">
        <GoTo total={total} toLine={toLine} field={field} />
        <button type="button" disabled={following} onClick={toEnd}>
          {say("log.end")}
        </button>
      </span>
    </div>
  );
}

function GoTo({ total, toLine, field }: Pick<Props, "toLine" | "field"> & { total: number }): JSX.Element {
  const text = useSignal("");
  const problem = useSignal("");
  const problemId = useId();
  const submit = (event: Event): void => {
    event.preventDefault();
    const line = lineOf(text.value, total);
    problem.value = line === null && text.value.trim() !== "" ? say(total === 1 ? "log.goto_one" : "log.goto_range", { n: count(total) }) : "";
    if (line !== null) toLine(line);
  };
  return (
    <form class="log-goto" onSubmit={submit}>
      <label class="j-field">
        <span>{say("log.goto_field")}</span>
        <input
          ref={field}
          class="number"
          inputMode="numeric"
          autocomplete="off"
          size={Math.max(5, count(total).length)}
          title={say("log.goto_key")}
          value={text.value}
          aria-invalid={problem.value !== ""}
          aria-describedby={problemId}
          onFocus={(event) => event.currentTarget.select()}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            problem.value = "";
          }}
        />
      </label>
      <span id={problemId} class="log-goto-problem" role="alert">
        {problem.value}
      </span>
    </form>
  );
}
