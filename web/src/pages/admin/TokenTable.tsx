// Tokens in a table: never their secrets, which nobody has but who was given them.
import type { JSX } from "preact";

import { now } from "../../state/clock";
import { clean, clock, utc } from "../../text/format";
import { say } from "../../text/admin";
import type { Token } from "./documents";
import { nameOf } from "./Tokens";

interface Table {
  tokens: readonly Token[];
  label: string;
  onRevoke?: (token: Token) => void;
}

export function TokenTable({ tokens, label, onRevoke }: Table): JSX.Element {
  return (
    <div class="sheet-frame">
      <table class="sheet tokens" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{say("admin.token_note")}</th>
            <th scope="col">{say("admin.token_user")}</th>
            <th scope="col">{say("admin.token_scopes")}</th>
            <th scope="col">{say("admin.token_made")}</th>
            <th scope="col">{onRevoke ? say("admin.token_expires") : say("admin.token_state")}</th>
            {onRevoke && (
              <th scope="col">
                <span class="unseen">{say("admin.token_revoke")}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <Row key={token.id} token={token} {...(onRevoke && { onRevoke })} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ token, onRevoke }: { token: Token; onRevoke?: (token: Token) => void }): JSX.Element {
  const name = nameOf(token);
  return (
    <tr>
      <th scope="row" class={token.note === "" ? "muted" : ""}>{name}</th>
      <td data-label={say("admin.token_user")}>{clean(token.user)}</td>
      <td>
        {token.scopes.map((scope) => (
          <span key={scope} class={`label scope-${scope}`}>{scope}</span>
        ))}
      </td>
      <td data-label={say("admin.token_made")}>
        <Time at={token.created} />
      </td>
      <td data-label={onRevoke ? say("admin.token_expires") : say("admin.token_state")}>
        {onRevoke ? <Expiry token={token} /> : <End token={token} />}
      </td>
      {onRevoke && (
        <td class="row-actions">
          <button
            type="button"
            class="danger"
            aria-label={say("admin.token_revoke_this", { note: name, user: clean(token.user) })}
            onClick={() => onRevoke(token)}
          >
            {say("admin.token_revoke")}
          </button>
        </td>
      )}
    </tr>
  );
}

function Expiry({ token }: { token: Token }): JSX.Element {
  return token.expires === null ? <span class="muted">{say("admin.token_never")}</span> : <Time at={token.expires} />;
}

function End({ token }: { token: Token }): JSX.Element {
  const time = token.revoked ?? token.expires ?? token.created;
  const shown = clock(time, new Date(now.peek()));
  const words = token.revoked === null ? say("admin.token_expired", { time: shown }) : say("admin.token_revoked", { time: shown });
  return <span title={utc(time)}>{words}</span>;
}

function Time({ at }: { at: string }): JSX.Element {
  return (
    <time class="number" dateTime={at} title={utc(at)}>
      {clock(at, new Date(now.peek()))}
    </time>
  );
}
