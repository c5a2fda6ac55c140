// Words that show while the pointer or the focus is on a control whose picture alone does not say it.
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";

/** Names the control inside it by more than its picture. Esc takes the words away. The control has a label of its own. */
export function Tooltip({ text, children }: { text: string; children: ComponentChildren }): JSX.Element {
  const dismissed = useSignal(false);
  return (
    <span
      class={dismissed.value ? "tip tip-off" : "tip"}
      onPointerEnter={() => (dismissed.value = false)}
      onFocusOut={() => (dismissed.value = false)}
      onKeyDown={(event) => {
        if (event.key === "Escape") dismissed.value = true;
      }}
    >
      {children}
      <span class="tip-words" aria-hidden="true">
        {text}
      </span>
    </span>
  );
}
