// The page login.
import type { JSX } from "preact";
import { say } from "../../text/strings";
export function LoginPage(): JSX.Element {
  return <h1>{say("app.name")}</h1>;
}
