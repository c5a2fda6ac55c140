/* Speaks with /moi-ws/. The functions are those of moi's script of this name; it comes back when the connection is lost,
 * and then tells what was missed. SPDX-License-Identifier: Apache-2.0 */
"use strict";

var moi = new (function () {
  var callbacks = {};
  var socket = null;
  var waiting = []; // said while there was no connection
  var known = new Map(); // id -> the last info object, as text
  var seen = null; // ids that were told since the connection was lost; null when nothing was missed
  var pause_ms = 250;

  this.VERSION = "0.2.0";

  /** Have func called with what comes with an action: get, add, update, remove. */
  this.add_callback = function (action, func) {
    callbacks[action] = func;
  };

  /** Say something: an action, and an id or a list of ids. */
  this.send = function (action, data) {
    var said = {};
    said[action] = data;
    var text = JSON.stringify(said);
    if (socket && socket.readyState === WebSocket.OPEN) socket.send(text);
    else waiting.push(text);
  };

  /**
   * Connect, and ask for a group; for all of the user's where group_id is null.
   * host is the address without ws://; the functions are called when the connection opens, closes or fails.
   */
  this.init = function (group_id, host, on_open, on_close, on_error) {
    host = host || window.location.host + "/moi-ws/";
    var scheme = window.location.protocol === "https:" ? "wss://" : "ws://";
    var wanted = group_id === null || group_id === undefined ? [] : [group_id];
    var is_first = true;

    function connect() {
      socket = new WebSocket(scheme + host);
      socket.onopen = function (event) {
        pause_ms = 250;
        seen = is_first ? null : new Set();
        if (is_first && on_open) on_open(event);
        else socket.send(JSON.stringify({ get: wanted }));
        if (!is_first) socket.send(JSON.stringify({ "end of get": [] }));
        is_first = false;
        waiting.splice(0).forEach(function (text) {
          socket.send(text);
        });
      };
      socket.onerror = on_error || null;
      socket.onclose = function (event) {
        if (on_close) on_close(event);
        window.setTimeout(connect, pause_ms * (0.5 + Math.random()));
        pause_ms = Math.min(pause_ms * 2, 15000);
      };
      socket.onmessage = function (event) {
        hear(JSON.parse(event.data));
      };
    }

    connect();
  };

  function tell(action, info) {
    if (Object.prototype.hasOwnProperty.call(callbacks, action)) callbacks[action](info);
  }

  function hear(message) {
    Object.keys(message).forEach(function (action) {
      var info = message[action];
      if (action === "error") {
        if (seen !== null && String(info).includes("end of get")) caught_up();
        else tell(action, info);
        return;
      }
      var text = JSON.stringify(info);
      var before = known.get(info.id);
      if (action === "remove") known.delete(info.id);
      else known.set(info.id, text);
      if (seen === null || action !== "get") {
        if (seen !== null && action !== "remove") seen.add(info.id);
        tell(action, info);
        return;
      }
      seen.add(info.id);
      if (before === undefined) tell("add", info);
      else if (before !== text) tell("update", info);
    });
  }

  /** Tell of what is there no more. */
  function caught_up() {
    var here = seen;
    seen = null;
    Array.from(known).forEach(function (pair) {
      if (here.has(pair[0])) return;
      known.delete(pair[0]);
      tell("remove", JSON.parse(pair[1]));
    });
  }
})();
