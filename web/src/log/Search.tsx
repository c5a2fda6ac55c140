// The search of a whole log, done by the server; its hits are links to lines.
import { useSignal } from "@preact/signals";
import type { JSX, RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Icon } from "../parts/Icon";
import { count } from "../text/format";
import { say } from "../text/job";
import { textOf } from "./ansi";
import type { Finder } from "./finder";
import type { Match, Matches, Stream } from "./store";

const BEFORE = 40;
const AFTER = 160;

interface Props {
  finder: Finder;
  stream: Stream;
  /** The line that was chosen last, of which the way goes on; null when none is. */
  line: number | null;
  toLine: (line: number) => void;
  turn: (back: boolean) => void;
  /** The field for what to search. */
  field: RefObject<HTMLInputElement | null>;
}

/** The search field and its choices. */
export function Search({ finder, stream, toLine, turn, field }: Omit<Props, "line">): JSX.Element {
  const text = useSignal("");
  const regex = useSignal(false);
  const matchCase = useSignal(false);
  const noError = useSignal(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    noError.value = false;
    if (text.value === "") return finder.clear();
    void finder.begin({ text: text.value, isRegex: regex.value, matchCase: matchCase.value });
  };
  // Enter once more goes on to the next line that matches, as in other search fields.
  const press = (event: KeyboardEvent): void => {
    const sought = finder.sought.peek();
    const isSame = sought?.text === text.value && sought.isRegex === regex.value && sought.matchCase === matchCase.value;
    if (event.key !== "Enter" || !isSame || finder.found.peek() === null) return;
    event.preventDefault();
    turn(event.shiftKey);
  };
  const firstError = async (): Promise<void> => {
    noError.value = false;
    const line = await finder.firstError();
    if (line !== null) toLine(line);
    else noError.value = finder.trouble.peek() === null;
  };
  return (
    <>
      <form class="log-search" role="search" aria-label={say("log.search_in", { stream })} onSubmit={submit}>
        <input
          type="search"
          class="j-grow"
          ref={field}
          placeholder={say("log.search")}
          aria-label={say("log.search")}
          value={text.value}
          onKeyDown={press}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            noError.value = false;
            if (text.value === "") finder.clear();
          }}
        />
        <Toggle on={regex} short=".*" name={say("log.regex")} />
        <Toggle on={matchCase} short="Aa" name={say("log.case")} />
        <button type="submit">
          <Icon name="search" />
          {say("log.find")}
        </button>
        <button type="button" onClick={() => void firstError()}>
          {say("log.first_error")}
        </button>
      </form>
      <p class="log-found log-found-words" role="status" hidden={!noError.value}>
        {noError.value && say("log.no_error", { stream })}
      </p>
    </>
  );
}

/** What was found, in a list of links to the lines. */
export function Hits({ finder, stream, line, toLine, turn }: Omit<Props, "field">): JSX.Element {
  const found = finder.found.value;
  const hits = found?.matches ?? [];
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => keepInView(list.current), [line]);
  const trouble = finder.trouble.value;
  const words = trouble ?? (finder.searching.value && found === null ? say("log.searching") : found === null ? "" : summary(found, line, stream));
  return (
    <div class="log-found" hidden={words === ""}>
      <p class="log-found-words">
        <span role="status">{words}</span>
        {hits.length > 0 && (
          <>
            <Turn back turn={turn} />
            <Turn back={false} turn={turn} />
          </>
        )}
        <button type="button" class="plain" onClick={() => finder.clear()}>
          {say("log.clear")}
        </button>
      </p>
      {hits.length > 0 && (
        <ol class="log-hits" ref={list} tabIndex={0} aria-label={words}>
          {hits.map((hit) => (
            <Hit key={hit.line} hit={hit} isChosen={hit.line === line} toLine={toLine} />
          ))}
          {typeof found?.next === "number" && (
            <li>
              <button type="button" onClick={() => void finder.more()}>
                {say("log.more")}
              </button>
            </li>
          )}
        </ol>
      )}
    </div>
  );
}

/** Scrolls the list, and nothing around it, to the hit whose line is shown. */
function keepInView(list: HTMLOListElement | null): void {
  const hit = list?.querySelector<HTMLElement>("[aria-current]");
  if (!list || !hit) return;
  const below = hit.offsetTop + hit.offsetHeight - list.clientHeight;
  list.scrollTop = Math.min(hit.offsetTop, Math.max(below, list.scrollTop));
}

function summary({ matches, complete }: Matches, line: number | null, stream: Stream): string {
  const all = count(matches.length);
  const at = matches.findIndex((match) => match.line === line) + 1;
  if (at > 0 && matches.length > 1) return say(complete ? "log.hit_of" : "log.hit_of_first", { i: count(at), n: all });
  if (!complete) return say("log.hits_more", { n: all });
  if (matches.length === 0) return say("log.no_hits", { stream });
  return matches.length === 1 ? say("log.hit") : say("log.hits", { n: all });
}

function Turn({ back, turn }: { back: boolean; turn: (back: boolean) => void }): JSX.Element {
  return (
    <button type="button" title={say(back ? "log.previous_key" : "log.next_key")} onClick={() => turn(back)}>
      {say(back ? "log.previous" : "log.next")}
    </button>
  );
}

function Toggle({ on, short, name }: { on: { value: boolean }; short: string; name: string }): JSX.Element {
  return (
    <button type="button" class="j-toggle" aria-pressed={on.value} aria-label={name} title={name} onClick={() => (on.value = !on.value)}>
      {short}
    </button>
  );
}

function Hit({ hit, isChosen, toLine }: { hit: Match; isChosen: boolean; toLine: (line: number) => void }): JSX.Element {
  // Places are in code points.
  const all = Array.from(hit.text);
  const part = (from: number, to: number): string => textOf(all.slice(Math.max(0, from), to).join(""));
  return (
    <li>
      <a
        href={`#L${hit.line}`}
        aria-current={isChosen ? "true" : undefined}
        onClick={(event) => {
          event.preventDefault();
          toLine(hit.line);
        }}
      >
        <span class="log-hit-number number">{hit.line}</span>
        <span class="log-hit-text">
          {hit.start > BEFORE && "…"}
          {part(hit.start - BEFORE, hit.start)}
          <mark>{part(hit.start, hit.end)}</mark>
          {part(hit.end, hit.end + AFTER)}
        </span>
      </a>
    </li>
  );
}
