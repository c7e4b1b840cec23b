// Tabs within a page, as the ARIA practices have them: arrows move between them, Tab goes into the panel.

import { byId } from "./dom.js";

/** `entries` are [tab id, panel id, what to do when it is shown]. */
export function tabs(entries) {
  const show = (index) => {
    for (const [place, [tab, panel]] of entries.entries()) {
      byId(tab).setAttribute("aria-selected", String(place === index));
      byId(tab).tabIndex = place === index ? 0 : -1;
      byId(panel).hidden = place !== index;
    }
    entries[index][2]();
  };
  for (const [index, [tab]] of entries.entries()) {
    byId(tab).addEventListener("click", () => show(index));
    byId(tab).addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const next = (index + step + entries.length) % entries.length;
      byId(entries[next][0]).focus();
      show(next);
    });
  }
}
