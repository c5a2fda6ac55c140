// What may be meant by what is being typed.
import { signal, type Signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { get } from "../../api/client";

const PAUSE_MS = 80;
const SHOWN = 10;

export interface Suggestion {
  /** The last term as it would be. */
  text: string;
  /** The whole search with it. */
  q: string;
  kind: string;
}

interface Suggesting {
  suggestions: Signal<readonly Suggestion[]>;
  /** Which one is chosen; -1 for none. */
  at: Signal<number>;
  /** Asks what may be meant by a search that is typed up to here. */
  ask: (typed: string) => void;
  shut: () => void;
  /** Gives the search with a suggestion in it. */
  taken: (n: number) => string | null;
}

/** Asks the server while somebody types. A server without suggestions gives none. */
export function useSuggestions(): Suggesting {
  const here = useMemo(suggesting, []);
  useEffect(() => here.shut, []);
  return here;
}

function suggesting(): Suggesting {
  const suggestions = signal<readonly Suggestion[]>([]);
  const at = signal(-1);
  let typed = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = new AbortController();
  const shut = (): void => {
    clearTimeout(timer);
    asked.abort();
    at.value = -1;
    suggestions.value = [];
  };
  const read = async (): Promise<void> => {
    asked = new AbortController();
    const mine = asked.signal;
    try {
      const answer = await get<{ suggestions: Suggestion[] }>("suggestions", { q: typed }, mine);
      if (mine.aborted) return;
      at.value = -1;
      suggestions.value = answer.suggestions.filter((each) => each.q !== typed).slice(0, SHOWN);
    } catch {
      if (!mine.aborted) suggestions.value = [];
    }
  };
  const ask = (text: string): void => {
    clearTimeout(timer);
    asked.abort();
    typed = text;
    timer = setTimeout(() => void read(), PAUSE_MS);
  };
  const taken = (n: number): string | null => {
    const chosen = suggestions.peek()[n];
    if (chosen === undefined) return null;
    return chosen.q.endsWith(":") ? chosen.q : `${chosen.q} `;
  };
  return { suggestions, at, ask, shut, taken };
}
