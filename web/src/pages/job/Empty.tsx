// An empty place, in words.
import type { JSX } from "preact";

import { CopyButton } from "../../parts/CopyButton";

/** Says that there is nothing yet, and how there could be. */
export function Empty({ title, words, example }: { title: string; words: string; example?: string }): JSX.Element {
  return (
    <div class="j-empty">
      <h2>{title}</h2>
      <p class="muted">{words}</p>
      {example !== undefined && (
        <div class="j-example">
          <pre class="j-code" tabIndex={0}>
            {example}
          </pre>
          <CopyButton text={example} />
        </div>
      )}
    </div>
  );
}
