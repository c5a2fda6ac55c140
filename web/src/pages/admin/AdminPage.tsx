// The page admin.
import type { JSX } from "preact";
import { say } from "../../text/strings";
export function AdminPage(): JSX.Element {
  return <h1>{say("app.name")}</h1>;
}
