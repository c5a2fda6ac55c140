// The one search box: the grammar of the command line, with suggestions, and the server's words on what is wrong.
import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { query, setQuery } from "../../app/router";
import { Icon } from "../../parts/Icon";
import { say } from "../../text/strings";
import { Suggestions, suggestionId } from "./Suggestions";
import { useSuggestions } from "./suggesting";
import { placed } from "./terms";
import { feed, narrow } from "./view";

const COMPLAIN_MS = 700;
export const SEARCH_ID = "search";

/** The search of the address bar, as a box. */
export function SearchBox(): JSX.Element {
  const box = useRef<HTMLInputElement>(null);
  const q = useComputed(() => query.value.get("q") ?? "");
  const { suggestions, at, ask, shut, taken } = useSuggestions();
  const isPatient = useComplaining();
  const refused = useComputed(() => (feed.phase.value.kind === "refused" && isPatient.value ? feed.phase.value.problem : null));

  const write = (text: string): void => setQuery({ q: text }, { typing: true });
  // Of all fields there are one is told only when asked, by an arrow.
  const suggest = (typed: string): void => (/\S$/.test(typed) ? ask(typed) : shut());
  const take = (n: number): void => {
    const text = taken(n);
    if (text === null || box.current === null) return;
    const rest = box.current.value.slice(box.current.selectionStart ?? undefined).trimStart();
    box.current.value = text + rest;
    box.current.focus();
    box.current.setSelectionRange(text.length, text.length);
    write((text + rest).trim());
    suggest(text);
  };
  const press = (event: KeyboardEvent): void => {
    const many = suggestions.value.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (many === 0) return ask(box.current?.value ?? "");
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      at.value = at.value < 0 ? (step > 0 ? 0 : many - 1) : (at.value + step + many) % many;
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (at.value >= 0) take(at.value);
      else {
        shut();
        isPatient.value = true;
        document.querySelector<HTMLElement>('[role="treegrid"]')?.focus();
      }
    } else if (event.key === "Tab" && at.value >= 0 && !event.shiftKey) {
      event.preventDefault();
      take(at.value);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (many > 0) shut();
      else if (box.current?.value) clear();
      else box.current?.blur();
    }
  };
  const clear = (): void => {
    if (box.current) box.current.value = "";
    write("");
    shut();
    box.current?.focus();
  };
  useEffect(() => {
    if (box.current && box.current.value.trim() !== q.value) box.current.value = q.value;
  }, [q.value]);
  const isOpen = suggestions.value.length > 0;
  return (
    <div class="search" role="search">
      <div class="search-box">
        <Icon name="search" />
        <input
          ref={box}
          id={SEARCH_ID}
          type="text"
          role="combobox"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          aria-label={say("search.label")}
          aria-expanded={isOpen}
          aria-controls="suggestions"
          aria-autocomplete="list"
          aria-activedescendant={at.value >= 0 ? suggestionId(at.value) : undefined}
          aria-invalid={refused.value !== null}
          aria-describedby={refused.value ? "search-error" : undefined}
          placeholder={say(narrow.value ? "search.placeholder_short" : "search.placeholder")}
          onInput={(event) => {
            write(event.currentTarget.value.trim());
            suggest(event.currentTarget.value.slice(0, event.currentTarget.selectionStart ?? undefined));
          }}
          onKeyDown={press}
          onBlur={() => {
            shut();
            isPatient.value = true;
          }}
        />
        {q.value === "" ? (
          <kbd class="search-key" aria-hidden="true">
            /
          </kbd>
        ) : (
          <button type="button" class="bare" aria-label={say("search.clear")} onClick={clear}>
            <Icon name="close" />
          </button>
        )}
        {isOpen && <Suggestions list={suggestions.value} at={at.value} onTake={take} />}
      </div>
      {refused.value && !isOpen && <Complaint q={q.value} detail={refused.value.detail ?? refused.value.title ?? ""} />}
    </div>
  );
}

/** True a moment after the last key: half a word is no mistake yet. */
function useComplaining(): { value: boolean } {
  const patient = useSignal(false);
  useEffect(
    () =>
      feed.phase.subscribe((phase) => {
        patient.value = false;
        if (phase.kind !== "refused") return;
        const timer = setTimeout(() => {
          if (feed.phase.peek() === phase) patient.value = true;
        }, COMPLAIN_MS);
        return () => clearTimeout(timer);
      }),
    [],
  );
  return patient;
}

/** What the server did not understand, with the place in the search marked. */
function Complaint({ q, detail }: { q: string; detail: string }): JSX.Element {
  const { at, words } = placed(detail);
  return (
    <div class="search-error" id="search-error" role="alert">
      {at !== null && (
        <code class="search-place" aria-hidden="true">
          {[...q].slice(0, at).join("")}
          <mark>{[...q].slice(at).join("") || "\u00a0"}</mark>
        </code>
      )}
      <span>{words}</span>
    </div>
  );
}
