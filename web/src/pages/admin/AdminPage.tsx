// The server itself: its clusters, what it stores, and who may do what.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { say } from "../../text/admin";
import "../../style/admin.css";
import { Clusters } from "./Clusters";
import { Storage } from "./Storage";
import { Tokens } from "./Tokens";

/** The page of whoever runs the server. */
export function AdminPage(): JSX.Element {
  useEffect(() => {
    document.title = `${say("admin.title")} · Headway`;
  }, []);
  return (
    <div class="admin">
      <h1>{say("admin.title")}</h1>
      <Clusters />
      <Storage />
      <Tokens />
    </div>
  );
}
