// What a new token may do. What a chosen scope includes is shown as chosen with it.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { say } from "../../text/admin";
import { INCLUDES, SCOPES, type Scope } from "./documents";

const USUAL: readonly Scope[] = ["run"];

export function ScopeChoice(): JSX.Element {
  const picked = useSignal<readonly Scope[]>(USUAL);
  const included = new Set(picked.value.flatMap((scope) => INCLUDES[scope]));
  const pick = (scope: Scope, isOn: boolean): void => {
    picked.value = SCOPES.filter((each) => (each === scope ? isOn : picked.peek().includes(each)));
  };
  return (
    <fieldset class="scopes">
      <legend>{say("admin.new_scopes")}</legend>
      {SCOPES.map((scope) => (
        <label key={scope}>
          <input
            type="checkbox"
            name="scope"
            value={scope}
            checked={picked.value.includes(scope) || included.has(scope)}
            disabled={included.has(scope)}
            required={picked.value.length === 0}
            onChange={(event) => pick(scope, event.currentTarget.checked)}
          />
          <span class="scope-name">{scope}</span>
          <span class="muted">{say(`scope.${scope}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Gives the chosen scopes of a sent form; those that others include are left out. */
export function chosen(form: FormData): string[] {
  return form.getAll("scope").map(String);
}
