// Numbers of a job's own, for people. Pure.
import { duration } from "../../text/format";

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const PARTS = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
const LARGE = 1e15;

/** Gives a number with separators; other than whole ones with six digits. */
export function numberWords(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= LARGE || (value !== 0 && Math.abs(value) < 1e-4)) return value.toExponential(3).replace(/\.?0+e/, "e");
  return (Number.isInteger(value) ? WHOLE : PARTS).format(value);
}

const NAMES = new Set(
  ("black white gray grey silver red maroon orange yellow olive lime green aqua cyan teal blue navy fuchsia magenta purple pink " +
    "brown gold violet indigo salmon coral crimson tomato khaki plum orchid turquoise steelblue skyblue slateblue royalblue " +
    "dodgerblue seagreen forestgreen limegreen darkgreen darkred darkblue darkorange firebrick chocolate sienna tan beige").split(" "),
);

/** Gives a colour that a job chose, if it is surely one and nothing else; else null. */
export function safeColour(colour: string | null): string | null {
  if (colour === null) return null;
  const text = colour.trim().toLowerCase();
  return /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/.test(text) || NAMES.has(text) ? text : null;
}

const SECOND_MS = 1000;
const SHORT_MS = 10_000;

/** Gives a duration that is over: short ones have tenths, or milliseconds. */
export function exactly(spanMs: number): string {
  if (spanMs < SECOND_MS) return `${Math.max(0, Math.round(spanMs))} ms`;
  return spanMs < SHORT_MS ? `${(spanMs / SECOND_MS).toFixed(1)} s` : duration(spanMs / SECOND_MS);
}
