/* <headway-list group="ID"></headway-list>: a group's jobs and groups as a list that follows what happens.
 *
 * group      the group's id; without it all that the connection is about
 * src        the websocket's address, else /moi-ws/ beside this script
 * removable  each entry has a button that takes it out of the group
 *
 * All text is set as text. A connection that is lost is opened again, and what was missed is shown.
 * SPDX-License-Identifier: Apache-2.0 */
"use strict";

(() => {
  const BESIDE = new URL("./", document.currentScript.src);
  const FENCE = "end of get";
  const LONGEST_PAUSE_MS = 15000;
  const STYLE = new CSSStyleSheet();
  STYLE.replaceSync(`
    :host {
      display: block;
      --ok: light-dark(#0b6b4d, #4cc79d);
      --failed: light-dark(#a81d13, #ff8b81);
      --running: light-dark(#1a56a8, #82b6fb);
      --line: color-mix(in srgb, currentColor 14%, transparent);
      --muted: color-mix(in srgb, currentColor 70%, transparent);
      line-height: 1.4;
    }
    :host([hidden]) { display: none; }
    ul { list-style: none; margin: 0; padding: 0; }
    .inner { padding-inline-start: 1.25em; }
    .line { display: flex; align-items: baseline; gap: 0.2em 0.75em; padding: 0.3em 0.25em; border-bottom: 1px solid var(--line); }
    .line:hover { background: color-mix(in srgb, currentColor 4%, transparent); }
    [part~="name"] { flex: 1; min-width: 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
    .group > .line > [part~="name"] { font-weight: 600; }
    [part~="status"] { display: inline-flex; align-items: baseline; gap: 0.45em; max-width: 60%; overflow-wrap: anywhere; color: var(--muted); }
    [part~="status"]::before { content: ""; flex: none; width: 0.55em; height: 0.55em; border-radius: 50%; background: currentColor; }
    [part~="running"] { color: var(--running); }
    [part~="ended"] { font-weight: 600; }
    [part~="success"] { color: var(--ok); }
    [part~="failed"] { color: var(--failed); }
    [part~="failed"]::before { border-radius: 0; rotate: 45deg; }
    button { font: inherit; font-size: 0.85em; padding: 0.1em 0.6em; border: 1px solid var(--line); border-radius: 0.35em; background: none; color: var(--muted); cursor: pointer; }
    button:hover { color: inherit; border-color: currentColor; }
    [part~="away"] { margin: 0.4em 0.25em; color: var(--muted); }
    [part~="away"]:empty { display: none; }
  `);

  /** Give where a node's result is; "" where that is no web address. */
  function address(info) {
    if (!info.url) return "";
    const place = new URL(`${info.url}/${encodeURIComponent(info.id)}`, document.baseURI);
    return /^https?:$/.test(place.protocol) ? place.href : "";
  }

  /** Take what cannot be seen, or turns what stands beside it round, out of a text. */
  function clean(text) {
    return String(text).replace(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, "\ufffd");
  }

  function made(name, part, text = "") {
    const element = document.createElement(name);
    element.part = part;
    element.textContent = clean(text);
    return element;
  }

  class HeadwayList extends HTMLElement {
    static observedAttributes = ["group", "src", "removable"];
    #root = this.attachShadow({ mode: "open" });
    #rows = new Map(); // id -> {info, item, inner}
    #seen = null;
    #socket = null;
    #timer = 0;
    #pause_ms = 250;
    #list = made("ul", "list");
    #away = made("p", "away");

    constructor() {
      super();
      this.#root.adoptedStyleSheets = [STYLE];
      this.#list.setAttribute("role", "list");
      this.#away.setAttribute("role", "status");
      this.#root.append(this.#list, this.#away);
    }

    connectedCallback() {
      this.#begin();
    }

    disconnectedCallback() {
      this.#end();
    }

    attributeChangedCallback() {
      if (!this.isConnected) return;
      this.#end();
      this.#begin();
    }

    #begin() {
      this.#rows.clear();
      this.#list.replaceChildren();
      this.#connect(false);
    }

    #end() {
      clearTimeout(this.#timer);
      const socket = this.#socket;
      this.#socket = null;
      if (!socket) return;
      socket.onclose = socket.onmessage = null;
      // The browser complains of a connection that is closed before it is made.
      if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
      else socket.close();
    }

    #connect(again) {
      const place = new URL(this.getAttribute("src") || BESIDE, document.baseURI);
      place.protocol = place.protocol.replace(/^http/, "ws");
      const socket = (this.#socket = new WebSocket(place));
      socket.onopen = () => {
        this.#pause_ms = 250;
        this.#away.textContent = "";
        this.#seen = again ? new Set() : null;
        this.#say("get", this.getAttribute("group") ? [this.getAttribute("group")] : []);
        if (again) this.#say(FENCE, []);
      };
      socket.onmessage = (event) => this.#hear(JSON.parse(event.data));
      socket.onclose = () => {
        this.#away.textContent = "The server does not answer; trying again.";
        this.#timer = setTimeout(() => this.#connect(true), this.#pause_ms * (0.5 + Math.random()));
        this.#pause_ms = Math.min(this.#pause_ms * 2, LONGEST_PAUSE_MS);
      };
    }

    #say(verb, ids) {
      if (this.#socket?.readyState === WebSocket.OPEN)
        this.#socket.send(JSON.stringify({ [verb]: ids }));
    }

    #hear(message) {
      if (message.remove) this.#remove(message.remove.id);
      const info = message.get ?? message.add ?? message.update;
      if (info) this.#show(info);
      if (message.error?.includes(FENCE) && this.#seen) {
        for (const id of [...this.#rows.keys()]) if (!this.#seen.has(id)) this.#remove(id);
        this.#seen = null;
      }
    }

    #show(info) {
      this.#seen?.add(info.id);
      if (info.id === this.getAttribute("group")) return;
      if (!this.#isBelow(info.parent)) return this.#remove(info.id);
      let row = this.#rows.get(info.id);
      if (!row) {
        row = { item: made("li", `row ${info.type}`), inner: info.type === "group" ? made("ul", "inner") : null };
        row.item.className = info.type === "group" ? "group" : "job";
        if (row.inner) row.inner.className = "inner";
        this.#rows.set(info.id, row);
      }
      const is_new_parent = row.info?.parent !== info.parent;
      row.info = info;
      this.#fill(row);
      if (is_new_parent) (this.#rows.get(info.parent)?.inner ?? this.#list).append(row.item);
    }

    #fill({ info, item, inner }) {
      const href = address(info);
      const name = made(href && !info.status ? "a" : "span", "name", info.name);
      name.dir = "auto";
      if (name.localName === "a") name.href = href;
      const line = made("div", "line");
      line.className = "line";
      line.append(name);
      if (info.status !== null) line.append(this.#status(info, href));
      if (this.hasAttribute("removable")) {
        const button = made("button", "remove", "Remove");
        button.type = "button";
        button.title = "Take it off this list; it is not ended";
        button.setAttribute("aria-label", `Remove ${clean(info.name)}`);
        button.onclick = () => this.#say("remove", [info.id]);
        line.append(button);
      }
      item.replaceChildren(line, ...(inner ? [inner] : []));
    }

    #status(info, href) {
      const is_ended = info.status === "Success" || info.status === "Failed";
      const kind = is_ended ? `ended ${info.status.toLowerCase()}` : info.status === "Queued" ? "queued" : "running";
      const status = made(href && is_ended ? "a" : "span", `status ${kind}`, info.status);
      if (status.localName === "a") status.href = href;
      return status;
    }

    /** Whether what is in this parent is on this list: the connection may tell of other groups too. */
    #isBelow(parent) {
      const group = this.getAttribute("group");
      return !group || parent === group || this.#rows.has(parent);
    }

    /** Take something off the list, with all that is shown below it. */
    #remove(id) {
      const row = this.#rows.get(id);
      if (!row) return;
      row.item.remove();
      this.#rows.delete(id);
      if (row.inner) for (const [other, { info }] of [...this.#rows]) if (info.parent === id) this.#remove(other);
    }
  }

  customElements.define("headway-list", HeadwayList);
})();
