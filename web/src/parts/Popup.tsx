// A button that opens a panel below it. Esc, a click elsewhere and leaving it by Tab close it.
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  /** What the button shows. */
  button: ComponentChildren;
  /** The button's name, where it shows no words; and the panel's. */
  label: string;
  class?: string;
  role?: "menu" | "dialog";
  /** Which edge of the button the panel keeps to. */
  align?: "start" | "end";
  disabled?: boolean;
  /** Gives the panel; `close` takes it away and gives the focus back to the button. */
  children: (close: () => void) => ComponentChildren;
}

/** Shows a panel on demand; its first control, or the one with `data-first`, gets the focus. */
export function Popup({ button, label, class: more = "", role = "dialog", align = "end", disabled = false, children }: Props): JSX.Element {
  const open = useSignal(false);
  const place = useRef<HTMLSpanElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    open.value = false;
    opener.current?.focus();
  };
  useEffect(() => {
    if (!open.value) return;
    const elsewhere = (event: Event): void => {
      if (!place.current?.contains(event.target as Node)) open.value = false;
    };
    document.addEventListener("pointerdown", elsewhere);
    document.addEventListener("focusin", elsewhere);
    const panel = place.current?.querySelector(".popup-panel");
    const first = panel?.querySelector<HTMLElement>("[data-first]") ?? panel?.querySelector<HTMLElement>("button, input, a, select");
    first?.focus();
    return () => {
      document.removeEventListener("pointerdown", elsewhere);
      document.removeEventListener("focusin", elsewhere);
    };
  }, [open.value]);
  return (
    <span
      ref={place}
      class={`popup popup-${align}`}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open.value) return;
        event.stopPropagation();
        close();
      }}
    >
      <button
        ref={opener}
        type="button"
        class={more}
        aria-haspopup={role}
        aria-expanded={open.value}
        aria-label={label}
        disabled={disabled}
        onClick={() => (open.value = !open.value)}
      >
        {button}
      </button>
      {open.value && (
        <div class="popup-panel" role={role} aria-label={label}>
          {children(close)}
        </div>
      )}
    </span>
  );
}
