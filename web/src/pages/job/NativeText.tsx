// All that the scheduler itself has to say of a job, loaded when somebody asks for it.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { get } from "../../api/client";
import type { JobDocument } from "../../api/types";
import { say } from "../../text/job";
import { wordsOf } from "./Actions";

const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A button, and what it brings. */
export function NativeText({ job, scheduler }: { job: JobDocument; scheduler: string }): JSX.Element {
  const text = useSignal<string | null>(null);
  const trouble = useSignal("");
  const busy = useSignal(false);
  const ask = async (): Promise<void> => {
    if (text.value !== null) {
      text.value = null;
      return;
    }
    busy.value = true;
    trouble.value = "";
    try {
      text.value = (await get<{ text: string }>(`jobs/${job.id}/native`)).text;
    } catch (error) {
      trouble.value = wordsOf(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <>
      <button type="button" class="why-native" aria-expanded={text.value !== null} disabled={busy.value} onClick={() => void ask()}>
        {say(text.value === null ? "why.native" : "why.native_hide", { scheduler })}
      </button>
      <p role="status" class="why-trouble muted">
        {trouble.value}
      </p>
      {text.value !== null && (
        <pre class="j-code why-native-text" tabIndex={0} aria-label={say("why.native", { scheduler })}>
          {text.value.replace(UNSAFE, "\ufffd").trimEnd()}
        </pre>
      )}
    </>
  );
}
