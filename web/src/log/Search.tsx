// The search of a whole log, done by the server; its hits are links to lines.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Icon } from "../parts/Icon";
import { count } from "../text/format";
import { say } from "../text/job";
import { textOf } from "./ansi";
import type { LogStore, Match, Matches } from "./store";

const LIMIT = 200;
const BEFORE = 40;
const AFTER = 160;

interface Props {
  store: LogStore;
  onLine: (line: number) => void;
}

/** The search field, its choices, and what was found. */
export function Search({ store, onLine }: Props): JSX.Element {
  const text = useSignal("");
  const regex = useSignal(false);
  const matchCase = useSignal(false);
  const found = useSignal<Matches | null>(null);
  const words = useSignal("");
  const busy = useRef<AbortController>(undefined);
  const asked = useRef<Record<string, string | number>>({});
  const none = say("log.no_hits", { stream: store.stream });

  const run = async (after: number): Promise<void> => {
    busy.current?.abort();
    const mine = (busy.current = new AbortController());
    words.value = say("log.searching");
    try {
      const more = await store.search({ ...asked.current, limit: LIMIT, after }, mine.signal);
      const before = after === 0 ? [] : (found.peek()?.matches ?? []);
      found.value = { ...more, matches: [...before, ...more.matches] };
      words.value = summary(found.value, none);
    } catch (error) {
      if (mine.signal.aborted) return;
      found.value = null;
      words.value = error instanceof Error ? error.message : String(error);
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (text.value === "") return clear();
    asked.current = { text: text.value, regex: Number(regex.value), case: Number(matchCase.value) };
    void run(0);
  };
  const clear = (): void => {
    busy.current?.abort();
    found.value = null;
    words.value = "";
  };
  const firstError = async (): Promise<void> => {
    clear();
    words.value = say("log.searching");
    try {
      const { matches } = await store.search({ errors: 1, limit: 1 });
      words.value = matches[0] === undefined ? say("log.no_error", { stream: store.stream }) : "";
      if (matches[0] !== undefined) onLine(matches[0].line);
    } catch (error) {
      words.value = error instanceof Error ? error.message : String(error);
    }
  };
  useEffect(() => () => busy.current?.abort(), []);
  const hits = found.value?.matches ?? [];
  return (
    <>
      <form class="log-search" role="search" onSubmit={submit}>
        <input
          type="search"
          class="j-grow"
          placeholder={say("log.search")}
          aria-label={say("log.search")}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            if (text.value === "") clear();
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
      <div class="log-found" hidden={words.value === "" && hits.length === 0}>
        <p class="log-found-words">
          <span role="status">{words.value}</span>
          <button type="button" class="plain" onClick={clear}>
            {say("log.clear")}
          </button>
        </p>
        {hits.length > 0 && (
          <ol class="log-hits" tabIndex={0} aria-label={words.value}>
            {hits.map((hit) => (
              <Hit key={hit.line} hit={hit} onLine={onLine} />
            ))}
            {typeof found.value?.next === "number" && (
              <li>
                <button type="button" onClick={() => void run(found.value?.next ?? 0)}>
                  {say("log.more")}
                </button>
              </li>
            )}
          </ol>
        )}
      </div>
    </>
  );
}

function summary({ matches, complete }: Matches, none: string): string {
  if (!complete) return say("log.hits_more", { n: count(matches.length) });
  if (matches.length === 0) return none;
  return matches.length === 1 ? say("log.hit") : say("log.hits", { n: count(matches.length) });
}

function Toggle({ on, short, name }: { on: { value: boolean }; short: string; name: string }): JSX.Element {
  return (
    <button type="button" class="j-toggle" aria-pressed={on.value} aria-label={name} title={name} onClick={() => (on.value = !on.value)}>
      {short}
    </button>
  );
}

function Hit({ hit, onLine }: { hit: Match; onLine: (line: number) => void }): JSX.Element {
  // Places are in code points.
  const all = Array.from(hit.text);
  const part = (from: number, to: number): string => textOf(all.slice(Math.max(0, from), to).join(""));
  return (
    <li>
      <a
        href={`#L${hit.line}`}
        onClick={(event) => {
          event.preventDefault();
          onLine(hit.line);
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
