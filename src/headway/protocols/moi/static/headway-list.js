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
    :host { display: block; }
    :host([hidden]) { display: none; }
    ul { list-style: none; margin: 0; padding-inline-start: 1.25em; }
    [part~="list"] { padding-inline-start: 0; }
    li { margin: 0.2em 0; overflow-wrap: anywhere; }
    [part~="status"] { margin-inline-start: 0.5em; }
    [part~="ended"] { font-weight: 600; }
    button { margin-inline-start: 0.5em; }
    [part~="away"]:empty { display: none; }
  `);

  /** Give where a node's result is; "" where that is no web address. */
  function address(info) {
    if (!info.url) return "";
    const place = new URL(`${info.url}/${encodeURIComponent(info.id)}`, document.baseURI);
    return /^https?:$/.test(place.protocol) ? place.href : "";
  }

  function made(name, part, text = "") {
    const element = document.createElement(name);
    element.part = part;
    element.textContent = text;
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
      if (this.#socket) this.#socket.onclose = null;
      this.#socket?.close();
      this.#socket = null;
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
      let row = this.#rows.get(info.id);
      if (!row) {
        row = { item: made("li", `row ${info.type}`), inner: info.type === "group" ? made("ul", "inner") : null };
        this.#rows.set(info.id, row);
      }
      const is_new_parent = row.info?.parent !== info.parent;
      row.info = info;
      this.#fill(row);
      if (is_new_parent) (this.#rows.get(info.parent)?.inner ?? this.#list).append(row.item);
    }

    #fill({ info, item, inner }) {
      const href = address(info);
      const is_ended = info.status === "Success" || info.status === "Failed";
      const name = made(href && !info.status ? "a" : "span", "name", info.name);
      const parts = [name];
      if (name.localName === "a") name.href = href;
      if (info.status !== null) {
        const status = made(href && is_ended ? "a" : "span", is_ended ? "status ended" : "status", info.status);
        if (status.localName === "a") status.href = href;
        parts.push(status);
      }
      if (this.hasAttribute("removable")) {
        const button = made("button", "remove", "Remove");
        button.type = "button";
        button.setAttribute("aria-label", `Remove ${info.name}`);
        button.onclick = () => this.#say("remove", [info.id]);
        parts.push(button);
      }
      item.replaceChildren(...parts, ...(inner ? [inner] : []));
    }

    #remove(id) {
      this.#rows.get(id)?.item.remove();
      this.#rows.delete(id);
    }
  }

  customElements.define("headway-list", HeadwayList);
})();
