// Copies a text; says so for a moment.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { say } from "../text/strings";
import { Icon } from "./Icon";

const SAID_MS = 1600;

/** A button that copies `text`; `label` says what it copies where that is not plain from the place. */
export function CopyButton({ text, label }: { text: string; label?: string }): JSX.Element {
  const done = useSignal(false);
  const copy = async (): Promise<void> => {
    await writeClipboard(text);
    done.value = true;
    setTimeout(() => (done.value = false), SAID_MS);
  };
  return (
    <span class="copy">
      <button type="button" aria-label={label} onClick={() => void copy()}>
        <Icon name={done.value ? "succeeded" : "copy"} />
        {done.value ? say("copy.done") : say("copy.copy")}
      </button>
      <span class="unseen" role="status">
        {done.value && say("copy.done")}
      </span>
    </span>
  );
}

/** Puts a text on the clipboard, over plain http too, where browsers hide the modern way. */
export async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch {
      // not allowed here: the old way may be
    }
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  const focused = document.activeElement;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
}
