// Short news at the foot of the page: what was done, and a way to undo it.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { say } from "../text/strings";
import { Icon } from "./Icon";

const SHOWN_MS = 8000;

export interface News {
  id: number;
  text: string;
  problem: boolean;
  undo: (() => void | Promise<void>) | null;
}

const shown = signal<readonly News[]>([]);
let last = 0;

/** Tells something for eight seconds; for longer while the pointer or the focus is on it. */
export function tell(text: string, how: { undo?: () => void | Promise<void>; problem?: boolean } = {}): void {
  last += 1;
  const news = { id: last, text, problem: how.problem ?? false, undo: how.undo ?? null };
  shown.value = [...shown.peek().slice(-2), news];
}

/** Undoes what was told of last, if it can be; tells whether there was such a thing. */
export function undoLast(): boolean {
  const news = shown.peek().findLast((each) => each.undo !== null);
  if (news) undo(news);
  return news !== undefined;
}

/** The place where news are told; once on the page. */
export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map((news) => (
        <One key={news.id} news={news} />
      ))}
    </div>
  );
}

function One({ news }: { news: News }): JSX.Element {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const stay = (): void => clearTimeout(timer.current);
  const wait = (): void => {
    stay();
    timer.current = setTimeout(() => drop(news), SHOWN_MS);
  };
  useEffect(() => {
    wait();
    return stay;
  }, []);
  return (
    <div
      class={news.problem ? "toast toast-problem" : "toast"}
      onPointerEnter={stay}
      onPointerLeave={wait}
      onFocusIn={stay}
      onFocusOut={wait}
    >
      {news.problem && <Icon name="problem" />}
      <span class="toast-text">{news.text}</span>
      {news.undo && (
        <button type="button" onClick={() => undo(news)}>
          {say("toast.undo")}
        </button>
      )}
      <button type="button" class="bare" aria-label={say("dialog.close")} onClick={() => drop(news)}>
        <Icon name="close" />
      </button>
    </div>
  );
}

function undo(news: News): void {
  drop(news);
  void news.undo?.();
}

function drop(news: News): void {
  shown.value = shown.peek().filter((each) => each.id !== news.id);
}
