// The page job.
import type { JSX } from "preact";
import { say } from "../../text/strings";
export function JobPage(): JSX.Element {
  return <h1>{say("app.name")}</h1>;
}
