// The list of jobs.
import type { JSX } from "preact";
import { say } from "../../text/strings";
export function ListPage(): JSX.Element {
  return <h1>{say("nav.jobs")}</h1>;
}
