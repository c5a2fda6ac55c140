// When a key that is pressed is meant for the page and not for what has the focus.
import { kept } from "./prefs";

/** Whether keys that are single letters do something. */
export const singleKeys = kept("keys", true, (value): value is boolean => typeof value === "boolean");

/** Tells whether a key is free to mean something: nobody types, nothing lies over the page, nobody has taken it. */
export function isFree(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return false;
  return document.querySelector("dialog[open]") === null;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox";
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
