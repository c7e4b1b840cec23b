// A dialog that wants a reason before something is done.

import { h, both } from "./dom.js";

/** Ask for a reason; resolves to it, or to null if it was called off. */
export function askReason(title, explanation, action) {
  return new Promise((resolve) => {
    const why = h("input", { required: true, maxlength: 1000, autocomplete: "off", id: "reason" });
    let given = null;
    const dialog = h("dialog", { "aria-labelledby": "reason-title" },
      h("form", {
        class: "stack", method: "dialog", onsubmit: (event) => {
          if (!why.value.trim()) {
            event.preventDefault();
            why.value = "";
            why.reportValidity();
          } else given = why.value.trim();
        },
      },
      h("h2", { id: "reason-title" }, title), h("p", {}, explanation),
      h("label", { class: "field" }, h("span", {}, both("理由（记在上线记录里）", "Reason, for the history")), why),
      h("div", { class: "row" }, h("button", { class: "button primary" }, action),
        h("button", { class: "button quiet", type: "button", onclick: () => dialog.close() }, both("算了", "Cancel")))));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(given); });
    document.body.append(dialog);
    dialog.showModal();
    why.focus();
  });
}
