// A bar: how far something is. Widths are set by script, which a strict Content-Security-Policy allows; no style attributes.
import type { JSX } from "preact";

import { percent } from "../text/format";

export type Tone = "ok" | "problem" | "stalled" | "running" | "warning";

/** Draws a bar; `fraction` null is one without a known end. `label` names it for screen readers. */
export function Bar({ fraction, tone, label }: { fraction: number | null; tone: Tone; label: string }): JSX.Element {
  if (fraction === null) {
    return (
      <span class={`bar bar-${tone} bar-endless`} role="progressbar" aria-label={label}>
        <span class="bar-fill" />
      </span>
    );
  }
  const part = Math.min(1, Math.max(0, fraction));
  return (
    <span
      class={`bar bar-${tone}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(part * 100)}
      aria-valuetext={percent(part)}
    >
      <span class="bar-fill" style={{ clipPath: `inset(0 ${100 - 100 * part}% 0 0)` }} />
    </span>
  );
}
