// A time as the reader's clock has it, with UTC for whoever points at it.
import type { JSX } from "preact";

import { clock, utc } from "../../text/format";

/** Shows a time; with `full` also in UTC, as text. */
export function Time({ at, full = false }: { at: string; full?: boolean }): JSX.Element {
  return (
    <>
      <time class="number" dateTime={at} title={utc(at)}>
        {clock(at, new Date())}
      </time>
      {full && <span class="muted number time-utc">{utc(at)}</span>}
    </>
  );
}
