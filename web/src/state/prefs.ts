// What the reader chose, kept in this browser.
import { effect, signal, type Signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

/** Gives a signal that is kept in this browser under a name; what is kept and cannot be read counts as not there. */
export function kept<T>(name: string, otherwise: T, isOne: (value: unknown) => value is T): Signal<T> {
  const key = `headway.${name}`;
  const value = signal(otherwise);
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    if (isOne(stored)) value.value = stored;
  } catch {
    // private windows may have no storage: the choice then lasts as long as the page
  }
  effect(() => {
    const text = JSON.stringify(value.value);
    try {
      localStorage.setItem(key, text);
    } catch {
      // see above
    }
  });
  return value;
}

const THEMES: readonly unknown[] = ["system", "light", "dark"];

/** Light or dark, by the system or by choice. */
export const theme = kept<Theme>("theme", "system", (value): value is Theme => THEMES.includes(value));

/** Keeps the document in the chosen colours; called once. */
export function applyTheme(): void {
  effect(() => {
    if (theme.value === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme.value;
  });
}
