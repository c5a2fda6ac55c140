// A menu of actions, by ARIA's menu button pattern: arrows move, letters jump, Enter chooses.
import type { ComponentChildren, JSX } from "preact";

import { Popup } from "./Popup";

export interface Item {
  label: string;
  onSelect: () => void;
  /** Shown at the end of the line: a key, a count. */
  hint?: string;
  danger?: boolean;
  disabled?: boolean;
  /** A line above it, where another kind of item begins. */
  apart?: boolean;
}

interface Props {
  label: string;
  button: ComponentChildren;
  items: readonly Item[];
  class?: string;
  align?: "start" | "end";
  disabled?: boolean;
}

/** A button that opens a menu. */
export function Menu({ label, button, items, class: more = "", align = "end", disabled = false }: Props): JSX.Element {
  return (
    <Popup button={button} label={label} class={more} role="menu" align={align} disabled={disabled}>
      {(close) => (
        <div class="menu" role="none" onKeyDown={move}>
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={`menu-item${item.danger ? " danger" : ""}${item.apart ? " apart" : ""}`}
              disabled={item.disabled ?? false}
              onClick={() => {
                close();
                item.onSelect();
              }}
            >
              <span>{item.label}</span>
              {item.hint && <span class="menu-hint">{item.hint}</span>}
            </button>
          ))}
        </div>
      )}
    </Popup>
  );
}

/** Moves the focus between a menu's items. */
export function move(event: KeyboardEvent): void {
  const items = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('[role^="menuitem"]:not(:disabled)')];
  const to = target(event.key, items, items.indexOf(document.activeElement as HTMLElement));
  if (to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  items[to]?.focus();
}

function target(key: string, items: readonly HTMLElement[], from: number): number | undefined {
  if (key === "ArrowDown") return (from + 1) % items.length;
  if (key === "ArrowUp") return (from - 1 + items.length) % items.length;
  if (key === "Home") return 0;
  if (key === "End") return items.length - 1;
  if (key.length !== 1) return undefined;
  const order = items.map((_, n) => (from + 1 + n) % items.length);
  return order.find((n) => items[n]?.textContent.trim().toLowerCase().startsWith(key.toLowerCase()));
}
