// Notices that pass, and words for those who listen.

import { h, byId } from "./dom.js";

/** Say `message` in the live region. */
export function announce(message) {
  const region = byId("live");
  region.textContent = "";
  setTimeout(() => { region.textContent = message; }, 30); // the same words twice are two messages
}

/** Show `message` for a while; `action` is {label, run}. */
export function toast(message, action = null, seconds = 6) {
  const shown = h("div", { class: "toast" }, h("span", {}, message));
  if (action) {
    shown.append(h("button", { class: "button compact", type: "button", onclick: () => { shown.remove(); action.run(); } }, action.label));
  }
  byId("toasts").append(shown);
  while (byId("toasts").childElementCount > 3) byId("toasts").firstElementChild.remove();
  setTimeout(() => shown.remove(), seconds * 1000);
  announce(message);
}
