// How a catalogue of words is asked. Pure.

/** Gives a function that gives the words of a key, with `{name}` filled in. */
export function catalogue<Words extends Readonly<Record<string, string>>>(
  words: Words,
): (key: keyof Words, values?: Record<string, string | number>) => string {
  return (key, values = {}) =>
    (words[key] as string).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
