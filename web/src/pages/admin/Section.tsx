// A part of the page with its heading; quietly gone where this server has no such thing.
import type { ComponentChildren, JSX } from "preact";

import type { Polled } from "../../state/polled";
import { say } from "../../text/admin";

interface Frame {
  title: string;
  told: Polled<unknown>;
  children: ComponentChildren;
}

export function Section({ title, told, children }: Frame): JSX.Element | null {
  if (told.absent) return null;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {told.refused !== null && (
        <p class="trouble" role="status">
          {told.refused}
        </p>
      )}
      {told.value === null && told.refused === null && <p class="muted">{say("admin.asking")}</p>}
      {children}
    </section>
  );
}
