// How the jobs of a group are: one bar, a piece for each state as wide as its share, and the numbers beside it.
import type { JSX } from "preact";

import { count } from "../../text/format";
import { jobsWords } from "../../text/groups";
import { say } from "../../text/strings";
import type { Group } from "./documents";

const ORDER = ["succeeded", "running", "queued", "accepted", "cancelled", "failed"] as const;

/** Shows the states; the words say all that the colours do. */
export function StateBar({ states }: { states: Group["states"] }): JSX.Element {
  const pieces = ORDER.map((state) => ({ state, n: states[state] ?? 0 })).filter(({ n }) => n > 0);
  const words = pieces.map(({ state, n }) => `${count(n)} ${say(`state.${state}`)}`);
  if (pieces.length === 0) {
    return (
      <span class="roll-up">
        <span class="roll-words muted">{jobsWords(0)}</span>
      </span>
    );
  }
  return (
    <span class="roll-up">
      <span class="roll-bar" role="img" aria-label={words.join(", ")}>
        {pieces.map(({ state, n }) => (
          <span key={state} class={`roll-piece roll-${state}`} style={{ flexGrow: n }} title={`${count(n)} ${say(`state.${state}`)}`} />
        ))}
      </span>
      <span class="roll-words number">
        {pieces.map(({ state }, place) => (
          <span key={state} class={`state-${state}`}>
            {words[place]}
            {place < pieces.length - 1 && ", "}
          </span>
        ))}
      </span>
    </span>
  );
}
