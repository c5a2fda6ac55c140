/* Shows what is in a group as a list. The functions are those of moi's script of this name, and so is what it makes of a page;
 * but text is set as text, and links lead to web addresses only. SPDX-License-Identifier: Apache-2.0 */
"use strict";

var moi_list = new (function () {
  var shown = new Map(); // id -> its paragraph
  var list = null;
  var group = null;

  function is_ours(info) {
    return info.parent === group;
  }

  /** Give where a node's result is; "" where that is no web address. */
  function address(info) {
    if (!info.url) return "";
    var place = new URL(info.url + "/" + encodeURIComponent(info.id), window.location.href);
    return place.protocol === "http:" || place.protocol === "https:" ? place.href : "";
  }

  function link(text, href) {
    if (!href) return document.createTextNode(text);
    var made = document.createElement("a");
    made.href = href;
    made.textContent = text;
    return made;
  }

  function show_status(info) {
    var state = document.getElementById(info.id + ":status");
    if (!state) return;
    var ended = info.status === "Success" || info.status === "Failed";
    if (info.type === "group") state.replaceChildren(link("Group details", address(info)));
    else state.replaceChildren(link(String(info.status), ended ? address(info) : ""));
  }

  function add(info) {
    if (!is_ours(info) || shown.has(info.id)) return;
    var paragraph = document.createElement("p");
    paragraph.id = info.id;
    paragraph.append(info.name + ": ");
    var state = document.createElement("span");
    state.id = info.id + ":status";
    var button = document.createElement("input");
    button.type = "button";
    button.value = "Remove";
    button.onclick = function () {
      moi.send("remove", [info.id]);
      remove(info);
    };
    paragraph.append(state, button);
    list.append(paragraph);
    shown.set(info.id, paragraph);
    show_status(info);
  }

  function update(info) {
    if (!is_ours(info)) remove(info); // it is shown with another group now
    else if (shown.has(info.id)) show_status(info);
    else add(info);
  }

  function remove(info) {
    var paragraph = shown.get(info.id);
    if (paragraph) paragraph.remove();
    shown.delete(info.id);
  }

  /** Show a group in an element, or at the page's end. */
  this.init = function (group_id, div) {
    group = group_id;
    list = document.createElement("div");
    list.id = "moi-list";
    (div || document.body).append(list);
    moi.add_callback("add", add);
    moi.add_callback("get", add);
    moi.add_callback("remove", remove);
    moi.add_callback("update", update);
    moi.init(group_id);
  };
})();
