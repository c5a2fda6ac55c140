// What is shown instead of an empty list: how to begin, or how to find more.
import type { JSX } from "preact";

import { pathOf, ROOT } from "../../app/root";
import { CopyButton } from "../../parts/CopyButton";
import { who } from "../../state/session";
import { clean } from "../../text/format";
import { say } from "../../text/strings";
import { firstLines } from "./lines";
import { termsOf, without } from "./terms";

/** The page of a server that has no jobs yet. */
export function FirstRun(): JSX.Element {
  const url = ROOT.href.replace(/\/$/, "");
  const needsToken = who.value !== undefined && who.value !== null && who.value.via !== "own-user";
  return (
    <section class="first">
      <h1>{say("empty.title")}</h1>
      <p class="muted">{say("empty.words")}</p>
      <ol>
        {firstLines(url, needsToken).map((line) => (
          <li key={line.what}>
            <h2>{say(line.what)}</h2>
            <div class="line">
              <pre>
                <code>{line.text}</code>
              </pre>
              <CopyButton text={line.text} label={`${say("copy.copy")}: ${say(line.what)}`} />
            </div>
          </li>
        ))}
      </ol>
      {needsToken && <p class="muted">{say("empty.token")}</p>}
      <p class="first-waiting muted">
        <span class="pulse" aria-hidden="true" />
        {say("empty.waiting")}
      </p>
    </section>
  );
}

/** What is shown when a search finds nothing: each of its terms can be taken away. */
export function NothingFound({ q }: { q: string }): JSX.Element {
  const terms = termsOf(q);
  const hasHidden = /(^|[\s(+-])hidden:/i.test(q);
  return (
    <section class="notice">
      <h2>{say("none.title")}</h2>
      <p>{say("none.words", { q: clean(q) })}</p>
      <p class="muted">{say("none.widen")}</p>
      <ul class="widen">
        {terms.length > 1 &&
          terms.map((term, n) => (
            <li key={n}>
              <a class="button" href={search(without(q, n))}>
                {say("none.without", { term: clean(term) })}
              </a>
            </li>
          ))}
        {!hasHidden && (
          <li>
            <a class="button" href={search(`${q} hidden:true`)}>
              {say("none.hidden")}
            </a>
          </li>
        )}
        <li>
          <a class="button" href={pathOf("")}>
            {say("none.all")}
          </a>
        </li>
      </ul>
    </section>
  );
}

function search(q: string): string {
  return pathOf(`?q=${encodeURIComponent(q)}`);
}
