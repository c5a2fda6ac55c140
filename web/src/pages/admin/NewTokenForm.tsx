// Makes a token; its secret is shown once.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { post } from "../../api/client";
import { CopyButton } from "../../parts/CopyButton";
import { clean } from "../../text/format";
import { say } from "../../text/admin";
import type { NewToken } from "./documents";
import { ScopeChoice, chosen } from "./ScopeChoice";
import { nameOf } from "./Tokens";

const DAY_S = 86_400;
const GOOD_FOR = [
  { key: "good.day", lasts_s: DAY_S },
  { key: "good.month", lasts_s: 30 * DAY_S },
  { key: "good.quarter", lasts_s: 90 * DAY_S },
  { key: "good.year", lasts_s: 365 * DAY_S },
  { key: "good.ever", lasts_s: null },
] as const;
const USUAL = "2";

export function NewTokenForm({ onMade }: { onMade: () => void }): JSX.Element {
  const made = useSignal<NewToken | null>(null);
  const failed = useSignal<string | null>(null);
  const make = async (form: HTMLFormElement): Promise<void> => {
    const told = new FormData(form);
    const lasts_s = GOOD_FOR[Number(told.get("expires"))]?.lasts_s ?? null;
    const user = String(told.get("user")).trim();
    try {
      made.value = await post<NewToken>("tokens", {
        note: String(told.get("note")).trim(),
        scopes: chosen(told),
        ...(user !== "" && { user }),
        ...(lasts_s !== null && { expires_in_s: lasts_s }),
      });
      failed.value = null;
      form.reset();
      onMade();
    } catch (error) {
      failed.value = error instanceof Error ? error.message : String(error);
    }
  };
  if (made.value !== null) return <Secret token={made.value} onSeen={() => (made.value = null)} />;
  return (
    <details class="new-token">
      <summary class="button">{say("admin.new")}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void make(event.currentTarget);
        }}
      >
        <label>
          <span>{say("admin.new_note")}</span>
          <input name="note" maxLength={1000} placeholder={say("admin.new_note_hint")} autocomplete="off" />
        </label>
        <label>
          <span>{say("admin.new_user")}</span>
          <input name="user" maxLength={200} placeholder={say("admin.new_user_hint")} autocomplete="off" />
        </label>
        <label>
          <span>{say("admin.new_expires")}</span>
          <select name="expires" defaultValue={USUAL}>
            {GOOD_FOR.map(({ key }, index) => (
              <option key={key} value={index}>{say(key)}</option>
            ))}
          </select>
        </label>
        <ScopeChoice />
        {failed.value !== null && <p class="trouble" role="alert">{failed.value}</p>}
        <button type="submit" class="primary">{say("admin.new_make")}</button>
      </form>
    </details>
  );
}

function Secret({ token, onSeen }: { token: NewToken; onSeen: () => void }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    <div class="secret" ref={place} tabIndex={-1} role="group" aria-label={say("admin.new_once")}>
      <h3>{say("admin.new_made", { note: nameOf(token), user: clean(token.user) })}</h3>
      <p>{say("admin.new_once")}</p>
      <div class="secret-line">
        <code>{token.token}</code>
        <CopyButton text={token.token} />
        <button type="button" onClick={onSeen}>{say("admin.new_done")}</button>
      </div>
    </div>
  );
}
