// Who may do what: tokens made, ended, and the ones that ended by themselves.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { remove } from "../../api/client";
import { Confirm } from "../../parts/Confirm";
import { now } from "../../state/clock";
import { usePolled } from "../../state/polled";
import { clean } from "../../text/format";
import { say } from "../../text/admin";
import { isGood, type Token } from "./documents";
import { NewTokenForm } from "./NewTokenForm";
import { Section } from "./Section";
import { TokenTable } from "./TokenTable";

const EVERY_MS = 15_000;

export function Tokens(): JSX.Element {
  const { told, again } = usePolled<{ tokens: Token[] }>("tokens", EVERY_MS);
  const revoking = useSignal<Token | null>(null);
  const failed = useSignal<string | null>(null);
  const tokens = told.value.value?.tokens.toReversed() ?? [];
  const good = tokens.filter((token) => isGood(token, now.value));
  const ended = tokens.filter((token) => !isGood(token, now.value));
  const revoke = async (token: Token): Promise<void> => {
    revoking.value = null;
    try {
      await remove(`tokens/${encodeURIComponent(token.id)}`);
      failed.value = null;
    } catch (error) {
      failed.value = error instanceof Error ? error.message : String(error);
    }
    again();
  };
  return (
    <Section title={say("admin.tokens")} told={told.value}>
      {told.value.value !== null && <NewTokenForm onMade={again} />}
      {failed.value !== null && <p class="trouble" role="alert">{failed.value}</p>}
      {told.value.value !== null && tokens.length === 0 && <p class="muted">{say("admin.tokens_none")}</p>}
      {good.length > 0 && <TokenTable tokens={good} label={say("admin.tokens")} onRevoke={(token) => (revoking.value = token)} />}
      {ended.length > 0 && (
        <details class="ended">
          <summary>{say("admin.token_ended", { n: ended.length })}</summary>
          <TokenTable tokens={ended} label={say("admin.token_ended", { n: ended.length })} />
        </details>
      )}
      {revoking.value !== null && (
        <Confirm
          title={say("admin.revoke_title")}
          yes={say("admin.revoke_yes")}
          no={say("admin.revoke_no")}
          isDanger
          onYes={() => revoking.value && void revoke(revoking.value)}
          onNo={() => (revoking.value = null)}
        >
          <p>{say("admin.revoke_words", { note: nameOf(revoking.value), user: clean(revoking.value.user) })}</p>
        </Confirm>
      )}
    </Section>
  );
}

/** Gives what people call a token by. */
export function nameOf(token: Token): string {
  return token.note === "" ? say("admin.token_unnamed") : clean(token.note);
}
