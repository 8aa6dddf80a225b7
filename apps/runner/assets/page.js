// @ts-check
// Keeps a page up to date while it is looked at. Without it everything works as well, just not by itself.
"use strict";

const LEAST_PAUSE_MS = 1000;
const LOST_PAUSE_MS = 30_000;

/** What was said after a click is said once: loading the page again does not repeat it. */
const address = new URL(location.href);
if (address.searchParams.has("said")) {
  address.searchParams.delete("said");
  history.replaceState(null, "", address);
}

if (document.body.hasAttribute("data-live-page")) follow();

function follow() {
  const state = document.getElementById("live-state");
  /** @type {EventSource | null} */
  let source = null;
  let isFetching = false;
  let isWanted = false;
  let retry = 0;

  function open() {
    clearTimeout(retry);
    if (source !== null || document.hidden) return;
    source = new EventSource("/live");
    source.addEventListener("hello", () => {
      say("live", "Live.");
      void refresh();
    });
    source.addEventListener("change", () => void refresh());
    source.addEventListener("error", () => {
      say("lost", "Not live: trying to connect again.");
      // Told apart by asking: a session that is over leads to the form, a server that is gone answers nothing.
      void refresh();
      if (source?.readyState !== EventSource.CLOSED) return;
      close();
      retry = setTimeout(open, LOST_PAUSE_MS);
    });
  }

  /** A hidden page holds no connection: browsers allow six to one server, over all its pages. */
  function close() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  /** @param {string} name @param {string} text */
  function say(name, text) {
    if (state === null || state.dataset.state === name) return;
    state.dataset.state = name;
    state.textContent = text;
  }

  /** Never two at once; changes meanwhile are one change. The slower the page, the longer the pause. */
  async function refresh() {
    isWanted = true;
    if (isFetching || document.hidden) return;
    isFetching = true;
    const began = performance.now();
    try {
      isWanted = false;
      const response = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
      if (response.redirected) location.reload();
      else if (response.ok) replace(new DOMParser().parseFromString(await response.text(), "text/html"));
    } catch {
      say("lost", "Not live: trying to connect again.");
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(LEAST_PAUSE_MS, (performance.now() - began) * 4)));
    isFetching = false;
    if (isWanted) void refresh();
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

/** Puts in what differs, and leaves alone where somebody is: focus, opened details, selected text. @param {Document} fresh */
function replace(fresh) {
  for (const now of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(now.id);
    if (next === null) continue;
    for (const details of now.querySelectorAll("details[open]")) fresh.getElementById(details.id)?.setAttribute("open", "");
    if (next.outerHTML === now.outerHTML || holdsSelection(now)) continue;
    const focus = selectorOfFocus(now);
    now.replaceWith(document.adoptNode(next));
    if (focus !== null) /** @type {HTMLElement | null} */ (next.querySelector(focus))?.focus({ preventScroll: true });
  }
}

/** @param {Element} region */
function holdsSelection(region) {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.anchorNode !== null && region.contains(selection.anchorNode);
}

/** How to find again what has the focus; null: nothing in the region has. @param {Element} region */
function selectorOfFocus(region) {
  const focused = document.activeElement;
  if (focused === null || !region.contains(focused)) return null;
  const form = focused.closest("form");
  if (form !== null) return `form[action="${CSS.escape(form.getAttribute("action") ?? "")}"] button`;
  if (focused.tagName === "A") return `a[href="${CSS.escape(focused.getAttribute("href") ?? "")}"]`;
  const details = focused.closest("details");
  return details === null ? null : `#${CSS.escape(details.id)} > ${focused.tagName.toLowerCase()}`;
}
