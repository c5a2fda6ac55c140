// What the server keeps, and how much room there is.
import type { JSX } from "preact";

import { usePolled } from "../../state/polled";
import { bytes, count } from "../../text/format";
import { say } from "../../text/admin";
import { Section } from "./Section";

const EVERY_MS = 15_000;

type Figures = Record<string, unknown>;

export function Storage(): JSX.Element {
  const { told } = usePolled<Figures>("storage", EVERY_MS);
  const figures = Object.entries(told.value.value ?? {}).flatMap(([name, value]) => flat(name, value));
  return (
    <Section title={say("admin.storage")} told={told.value}>
      <dl class="figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="number">{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

/** Gives the numbers of a document, those in it too, in words. */
export function flat(name: string, value: unknown): [string, string][] {
  if (typeof value === "number") {
    const isBytes = /bytes|free/.test(name);
    return [[name.replace(/_?bytes$/, "").replaceAll("_", " "), isBytes ? bytes(value) : count(value)]];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([inner, each]) => flat(`${name} ${inner}`, each));
}
