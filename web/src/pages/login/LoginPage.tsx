// Signing in: a token for a cookie that only this server sees.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { post, Refused } from "../../api/client";
import { go, query, routeOf } from "../../app/router";
import { ROOT, at } from "../../app/root";
import { recognise, wayBack, who } from "../../state/session";
import { clean } from "../../text/format";
import { say } from "../../text/admin";
import "../../style/admin.css";

/** What to do with a token: sign in, and go back to where one came from. */
export function LoginPage(): JSX.Element {
  const failed = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const to = wayBack(query.value.get("to"));
  useEffect(() => {
    document.title = `${say("login.title")} · Headway`;
  }, []);
  const signIn = async (form: HTMLFormElement): Promise<void> => {
    const token = String(new FormData(form).get("token")).trim();
    if (!/^hw_\S+$/.test(token)) {
      failed.value = say("login.form");
      return;
    }
    isBusy.value = true;
    try {
      await post("session", { token });
      await recognise();
      goOn(to);
    } catch (error) {
      failed.value = wordsOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <div class="login">
      <h1>{say("login.title")}</h1>
      <Known to={to} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn(event.currentTarget);
        }}
      >
        <label>
          <span>{say("login.token")}</span>
          <input
            name="token"
            type="password"
            required
            autocomplete="off"
            spellcheck={false}
            placeholder="hw_…"
            aria-invalid={failed.value !== null}
            aria-describedby="login-failed"
          />
        </label>
        <button type="submit" class="primary" disabled={isBusy.value}>
          {say(isBusy.value ? "login.going" : "login.go")}
        </button>
        <p id="login-failed" class="trouble" role="alert">{failed.value}</p>
      </form>
      <Explanation />
    </div>
  );
}

function Known({ to }: { to: string }): JSX.Element | null {
  const identity = who.value;
  if (!identity) return null;
  const name = clean(identity.name);
  return (
    <p class="known">
      {say(identity.via === "own-user" ? "login.own" : "login.already", { name })} <a href={at(to)}>{say("login.on")}</a>
    </p>
  );
}

function Explanation(): JSX.Element {
  return (
    <div class="login-help">
      <p>
        {say("login.what")} {say("login.kept")}
      </p>
      <h2>{say("login.where")}</h2>
      <p>
        <code>headway open</code> {say("login.open")}
      </p>
      <p>
        <code>headway token new</code> {say("login.new")}
      </p>
      <h2>{say("login.elsewhere")}</h2>
      <p>
        {say("login.ask")} <code>headway token new --user NAME</code>.
      </p>
    </div>
  );
}

/** Pages that this script does not show are loaded; the others need no loading. */
function goOn(to: string): void {
  if (routeOf(to.replace(/[?#].*$/, "")).page === "unknown") location.assign(new URL(to, ROOT));
  else go(to, { replace: true });
}

function wordsOf(error: unknown): string {
  if (error instanceof Refused && error.status === 401) return say("login.wrong");
  return error instanceof Error ? error.message : String(error);
}
