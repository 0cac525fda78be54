// What the page needs beside its widgets: loading and connection texts, names for screen readers, links that follow the choices.
(function () {
  "use strict";
  const app = document.getElementById("hyte-app");
  const loading = document.getElementById("hyte-loading");
  const lost = document.getElementById("hyte-lost");

  const late = window.setTimeout(function () { if (loading) loading.firstChild.data = loading.dataset.late; }, 8000);
  // 1/3: the page is here; 2/3: its calculation answers; 3/3: its content is being put up.
  function step(number) {
    const shown = loading && loading.querySelector("span");
    if (shown) shown.textContent = " " + number + "/3";
  }

  // A closed socket is a lost session: say so, and take it back if the socket opens again.
  let leaving = false;
  window.addEventListener("pagehide", function () { leaving = true; });
  function connected(yes) {
    if (leaving || lost.hidden === yes) return;
    lost.hidden = yes;
    lost.replaceChildren();
    if (yes) return;
    const link = document.createElement("a");
    link.href = window.location.href;
    link.textContent = lost.dataset.reload;
    lost.append(lost.dataset.text + " ", link);
  }
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener("open", function () { connected(true); step(2); });
      this.addEventListener("close", function () { connected(false); });
    }
  };

  const SHARED = ["aineisto", "alue", "ind", "ryhma", "vuosi"];
  // The address bar and the language links hold the choices that the read-only link field shows.
  function follow() {
    const field = document.getElementById("hyte-link");
    if (!field) return;
    const query = field.dataset.query;
    if (query === undefined || query === document.body.dataset.query) return;
    document.body.dataset.query = query;
    window.history.replaceState(null, "", query || window.location.pathname);
    field.value = window.location.href;
    for (const link of document.querySelectorAll("[data-hyte-keep]")) link.search = query;
    // another page is opened for the same data, area, indicator, grouping and year
    const shared = new URLSearchParams(query);
    for (const name of [...shared.keys()]) if (!SHARED.includes(name)) shared.delete(name);
    for (const link of document.querySelectorAll("[data-hyte-carry]")) link.search = shared.toString();
  }

  let messages = 0;
  function name() {
    for (const node of app.querySelectorAll('[title="null"], [title=""]')) node.removeAttribute("title");
    for (const node of app.querySelectorAll(".hyte-live .widget-html-content")) {
      node.setAttribute("role", "status");
      node.setAttribute("aria-live", "polite");
    }
    // a message belongs to the field beside it
    for (const field of app.querySelectorAll(".hyte-field")) {
      const input = field.querySelector("input, textarea, select"), message = field.querySelector(".hyte-live .widget-html-content");
      if (!input || !message) continue;
      message.id = message.id || "hyte-message-" + ++messages;
      input.setAttribute("aria-describedby", message.id);
      input.setAttribute("aria-invalid", String(message.textContent.trim() !== ""));
    }
    if (loading && loading.isConnected && app.querySelector(".hyte-page")) step(3);
    if (loading && loading.isConnected && app.querySelector(".hyte-ready")) {
      window.clearTimeout(late);
      loading.remove();
      fit();
    }
    // The page is up: its calculation may go on, and sends again what came too early.
    const seen = app.querySelector(".hyte-ready .hyte-seen input");
    if (seen && !seen.checked) seen.click();
    follow();
  }
  // What the page holds unsaved (data-hyte-unsaved = how many changes) is not left without a question.
  window.addEventListener("beforeunload", function (event) {
    const unsaved = app && app.querySelector("[data-hyte-unsaved]");
    if (unsaved && Number(unsaved.dataset.hyteUnsaved) > 0) event.preventDefault();
  });

  // A narrow screen asks for figures drawn for it, by a tick that nobody sees.
  const narrow = window.matchMedia("(max-width: 40rem)");
  function fit() {
    const tick = app.querySelector(".hyte-phone input");
    if (tick && tick.checked !== narrow.matches) tick.click();
  }
  narrow.addEventListener("change", fit);

  let waiting = false;
  new MutationObserver(function () {
    if (waiting) return;
    waiting = true;
    window.requestAnimationFrame(function () { waiting = false; name(); });
  }).observe(app, { childList: true, subtree: true, attributes: true, attributeFilter: ["title", "data-query", "class"] });

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-hyte-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.hyteCopy);
    const words = source.value === undefined ? source.innerText : source.value;
    const done = function () { button.nextElementSibling.textContent = button.dataset.done; };
    if (navigator.clipboard) navigator.clipboard.writeText(words).then(done, function () { choose(source); });
    else choose(source);
  });
  function choose(source) {
    if (source.select) return source.select();
    window.getSelection().selectAllChildren(source);
  }
})();
