// Keeps a progress page live: fetches the page again when the server says that something changed, and at the page's own
// interval whatever happens. Without this script the page reloads itself by <meta http-equiv="refresh">.
"use strict";
(() => {
  const root = document.documentElement;
  const intervalMs = Number(root.dataset.interval) * 1000;
  const pauseMs = 1000; // at most one look a second, however fast the changes come
  let busy = false;
  let again = false;
  let last = 0;
  let timer = 0;
  let watched = ""; // the id of the job that we hear of
  let source = null;

  async function look() {
    if (busy) { again = true; return; }
    busy = true;
    again = false;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.querySelector("main");
      if (main) {
        const fresh = document.importNode(main, true);
        const picture = fresh.querySelector("img.picture");
        if (picture) await picture.decode().catch(() => undefined); // no blank between two pictures
        document.querySelector("main").replaceWith(fresh);
        document.title = page.title;
        hear(page.documentElement.dataset.job);
      }
      root.dataset.live = "yes";
    } catch {
      root.dataset.live = "no";
    } finally {
      busy = false;
      last = Date.now();
      if (again) soon();
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(0, last + pauseMs - Date.now()));
  }

  // A name may be without a job at first, and may mean another one later. A stream that was refused stays closed.
  function hear(job) {
    const hears = source && source.readyState !== EventSource.CLOSED && job === watched;
    if (!job || hears || !window.EventSource) return;
    if (source) source.close();
    watched = job;
    source = new EventSource(root.dataset.events);
    source.addEventListener("changes", soon);
    source.addEventListener("open", () => { root.dataset.live = "yes"; });
    source.addEventListener("error", () => { root.dataset.live = "no"; });
  }

  setInterval(look, intervalMs);
  hear(root.dataset.job);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });
})();
