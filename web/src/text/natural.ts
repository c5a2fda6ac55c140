// The order in which people expect names: w2 before w10. Pure.

const COLLATOR = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Compares two names; those that differ only in case or accents keep an order of their own. */
export function natural(a: string, b: string): number {
  return COLLATOR.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}
