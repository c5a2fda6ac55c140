// JSON as a tree that opens and closes; all of it is text.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { clean, count } from "../text/format";
import { say } from "../text/job";

const FEW = 100;
const OPEN_DEPTH = 2;
const LONG_TEXT = 4000;

/** Shows a value; `name` is what it is called where it stands. */
export function JsonTree({ value, name = null, depth = 0 }: { value: unknown; name?: string | null; depth?: number }): JSX.Element {
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    return <Inner value={value} name={name} depth={depth} />;
  }
  return (
    <div class="json-leaf">
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Name({ name }: { name: string | null }): JSX.Element | null {
  return name === null ? null : <span class="json-name">{clean(name)}: </span>;
}

function Inner({ value, name, depth }: { value: object; name: string | null; depth: number }): JSX.Element {
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const open = useSignal(depth < OPEN_DEPTH && entries.length <= FEW);
  const shown = useSignal(FEW);
  const size = say(isList ? "io.items" : "io.keys", { n: count(entries.length) });
  return (
    <details class="json-inner" open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>
        <Name name={name} />
        <span class="muted">
          {isList ? "[ ]" : "{ }"} {size}
        </span>
      </summary>
      {open.value && (
        <div class="json-below">
          {entries.slice(0, shown.value).map(([key, each]) => (
            <JsonTree key={key} value={each} name={key} depth={depth + 1} />
          ))}
          {entries.length > shown.value && (
            <button type="button" class="plain" onClick={() => (shown.value += FEW * 10)}>
              {say("io.more", { n: count(entries.length - shown.value) })}
            </button>
          )}
        </div>
      )}
    </details>
  );
}

function Leaf({ value }: { value: unknown }): JSX.Element {
  const whole = useSignal(false);
  if (typeof value !== "string") {
    const words = typeof value === "object" && value !== null ? (Array.isArray(value) ? "[ ]" : "{ }") : String(value);
    return <span class={`json-${value === null ? "null" : typeof value}`}>{words}</span>;
  }
  const text = whole.value ? value : value.slice(0, LONG_TEXT);
  return (
    <>
      <span class="json-string" dir="auto">
        {clean(text)}
      </span>
      {text.length < value.length && (
        <button type="button" class="plain" onClick={() => (whole.value = true)}>
          {say("io.more", { n: count(value.length - text.length) })}
        </button>
      )}
    </>
  );
}
