// The list under the search box, by ARIA's combobox pattern: the focus stays in the box.
import type { JSX } from "preact";

import { clean } from "../../text/format";
import { say } from "../../text/strings";
import type { Suggestion } from "./suggesting";

/** Gives the element's id of a suggestion. */
export function suggestionId(n: number): string {
  return `suggestion-${n}`;
}

/** Shows suggestions, one of them chosen. */
export function Suggestions({ list, at, onTake }: { list: readonly Suggestion[]; at: number; onTake: (n: number) => void }): JSX.Element {
  return (
    <ul id="suggestions" class="suggestions" role="listbox" aria-label={say("search.suggestions")}>
      {list.map((each, n) => (
        <li
          key={each.text}
          id={suggestionId(n)}
          role="option"
          aria-selected={n === at}
          class={n === at ? "is-at" : ""}
          onPointerDown={(event) => {
            event.preventDefault();
            onTake(n);
          }}
        >
          <span>{clean(each.text)}</span>
          <span class="muted">{each.kind}</span>
        </li>
      ))}
    </ul>
  );
}
