// The search as a text: its terms, and what was wrong where. Pure.

const PLAIN = /^(?!(AND|OR|NOT|TO)$)[\p{L}\p{N}_.+][\p{L}\p{N}_.+-]*$/u;

/** Gives the term that finds jobs with a label. */
export function labelTerm(label: string): string {
  return `label:${PLAIN.test(label) ? label : `"${label.replace(/["\\]/g, "\\$&")}"`}`;
}

/** Splits a search into its terms, keeping quotations and brackets whole. */
export function termsOf(q: string): readonly string[] {
  return q.match(/(?:"(?:\\.|[^"\\])*"?|\([^)]*\)?|[^\s"(])+/g) ?? [];
}

/** Gives a search without one of its terms. */
export function without(q: string, index: number): string {
  return termsOf(q)
    .filter((_, n) => n !== index)
    .join(" ");
}

/** Reads the server's words on what it did not understand: at which character, counted from 0, and what. */
export function placed(detail: string): { at: number | null; words: string } {
  const found = /^in the query, at character (\d+): (.*)$/s.exec(detail);
  if (found?.[1] === undefined || found[2] === undefined) return { at: null, words: detail };
  const words = found[2];
  return { at: Number(found[1]) - 1, words: words.charAt(0).toUpperCase() + words.slice(1) };
}
