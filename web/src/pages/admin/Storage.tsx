// What the server keeps, and how much room there is.
import type { JSX } from "preact";

import { usePolled } from "../../state/polled";
import { say } from "../../text/admin";
import { bytes, count } from "../../text/format";
import type { Storage as Figures } from "./documents";
import { Section } from "./Section";

const EVERY_MS = 15_000;
const LITTLE = 0.05;

export function Storage(): JSX.Element {
  const { told } = usePolled<Figures>("storage", EVERY_MS);
  const { value } = told.value;
  return (
    <Section title={say("admin.storage")} told={told.value}>
      {value !== null && (
        <dl class="figures">
          <Figure name={say("storage.jobs")} words={count(value.jobs)} />
          <Figure name={say("storage.tokens")} words={count(value.tokens)} />
          <Figure
            name={say("storage.database")}
            words={bytes(value.database_bytes)}
            more={value.reusable_bytes > 0 ? say("storage.reusable", { n: bytes(value.reusable_bytes) }) : ""}
          />
          <Figure
            name={say("storage.free")}
            words={bytes(value.disk_free_bytes)}
            more={say("storage.of", { n: bytes(value.disk_bytes) })}
            isLow={value.disk_free_bytes < value.disk_bytes * LITTLE}
          />
        </dl>
      )}
    </Section>
  );
}

interface FigureProps {
  name: string;
  words: string;
  more?: string;
  isLow?: boolean;
}

function Figure({ name, words, more = "", isLow = false }: FigureProps): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={isLow ? "number trouble" : "number"}>
        {words}
        {more !== "" && <span class="muted"> {more}</span>}
      </dd>
    </div>
  );
}
