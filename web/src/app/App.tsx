// Chooses the page. Each page but the list is a file of its own that is fetched when it is first wanted.
import { signal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";

import { ListPage } from "../pages/list/ListPage";
import { say } from "../text/strings";
import { pathOf } from "./root";
import { route, type Route } from "./router";
import { Shell } from "./Shell";

type Later = "job" | "admin" | "groups" | "login";

const LOAD: Record<Later, () => Promise<ComponentType>> = {
  job: async () => (await import("../pages/job/JobPage")).JobPage,
  admin: async () => (await import("../pages/admin/AdminPage")).AdminPage,
  groups: async () => (await import("../pages/groups/GroupsPage")).GroupsPage,
  login: async () => (await import("../pages/login/LoginPage")).LoginPage,
};
const loaded = signal<Partial<Record<Later, ComponentType>>>({});

/** The whole page. */
export function App(): JSX.Element {
  return <Shell>{shown(route.value)}</Shell>;
}

function shown(to: Route): JSX.Element | null {
  if (to.page === "list") return <ListPage />;
  if (to.page === "unknown") return <Unknown path={to.path} />;
  const Page = loaded.value[to.page];
  if (Page === undefined) {
    const name = to.page;
    void LOAD[name]().then((page) => (loaded.value = { ...loaded.peek(), [name]: page }));
    return null;
  }
  return <Page key={to.page === "job" ? to.ref : to.page} />;
}

function Unknown({ path }: { path: string }): JSX.Element {
  return (
    <section class="notice">
      <h1>{say("page.unknown", { path })}</h1>
      <a href={pathOf("")}>{say("page.home")}</a>
    </section>
  );
}
