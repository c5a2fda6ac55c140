// Begins: colours, clock, addresses, and the page.
import { render } from "preact";

import { App } from "./app/App";
import { at } from "./app/root";
import { listen } from "./app/router";
import { tick } from "./state/clock";
import { applyTheme } from "./state/prefs";
import { guard } from "./state/session";
import "./style/colours.css";
import "./style/base.css";
import "./style/parts.css";
import "./style/overlay.css";

applyTheme();
tick();
listen();
guard();
// Its address is relative to the page that was loaded first, and the address bar moves on from that.
document.querySelector("link[rel=icon]")?.setAttribute("href", at("favicon.ico"));
const place = document.getElementById("app");
if (place) render(<App />, place);
