// One line of a log: its number, which is its address, and its text.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import { say } from "../text/job";
import { spansOf, type Span } from "./ansi";
import type { Finder } from "./finder";

export type Press = (event: MouseEvent, line: number) => void;

interface Props {
  line: number;
  text: string | undefined;
  isCut: boolean;
  isChosen: boolean;
  finder: Finder;
  /** Rises when other things are to be marked. */
  version: number;
  press: Press;
}

/** Shows a line; what was searched for is marked. */
export function Line({ line, text, isCut, isChosen, finder, version, press }: Props): JSX.Element {
  const spans = useMemo(() => (text === undefined ? [] : spansOf(text, finder.marksOf(line, text))), [text, version]);
  return (
    <div class={isChosen ? "log-line is-chosen" : "log-line"}>
      <a class="log-number" href={`#L${line}`} tabIndex={-1} onClick={(event) => press(event, line)} data-line={line}>
        <span class="unseen">{say("log.goto", { n: line })}</span>
      </a>
      <span class="log-text">
        {spans.map(shown)}
        {isCut && (
          <span class="log-cut" title={say("log.cut")}>
            …
          </span>
        )}
      </span>
    </div>
  );
}

function shown(span: Span, i: number): JSX.Element | string {
  if (span.class === "" && !span.isHit) return span.text;
  const look = { class: span.class, ...(span.own && { style: span.own }) };
  return span.isHit ? (
    <mark key={i} {...look}>
      {span.text}
    </mark>
  ) : (
    <span key={i} {...look}>
      {span.text}
    </span>
  );
}
