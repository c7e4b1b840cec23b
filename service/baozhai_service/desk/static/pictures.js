// The picture of a page beside its text, with the boxes of its paragraphs (PDF and scans).

import { api } from "./api.js";
import { h, replace } from "./dom.js";

const WIDTH = 1100; // pixels that are asked for

/** Draws the pages of a document; boxes are in the units of `document.pages`. */
export class Pictures {
  constructor(page) {
    this.page = page;
    this.frames = new Map();
    this.element = h("div", { class: "pictures", "aria-label": "版面图 page pictures", tabindex: "0", role: "region" }, page.document.pages.map((size) => this.#frame(size)));
  }

  #frame(size) {
    const image = h("img", { alt: `第 ${size.number} 页的版面 page ${size.number}`, width: Math.round(size.width), height: Math.round(size.height), loading: "lazy" });
    const boxes = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    boxes.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    boxes.setAttribute("aria-hidden", "true");
    const frame = h("figure", { class: "picture" }, image, boxes);
    this.frames.set(size.number, { frame, boxes });
    new IntersectionObserver((entries, observer) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        observer.disconnect();
        this.#load(image, size.number, frame);
      }
    }).observe(frame);
    return frame;
  }

  async #load(image, number, frame) {
    const form = new FormData();
    form.append("file", this.page.file, this.page.name);
    try {
      const response = await api.rawForm(`/v1/page-image?page=${number}&width=${WIDTH}`, form);
      image.src = URL.createObjectURL(await response.blob());
      this.#outline(number);
    } catch (error) {
      image.remove();
      frame.append(h("figcaption", { class: "small muted" }, error.message));
    }
  }

  /** Draw every block's box, so that what was read as what can be seen. */
  #outline(number) {
    const { boxes } = this.frames.get(number);
    for (const article of this.page.read.articles) {
      for (const block of article.blocks) {
        for (const place of (block.places ?? []).filter((each) => each.page === number)) boxes.append(rect(place.box, `box role-${block.role}`));
      }
    }
  }

  /** Point at `places`. */
  show(places) {
    for (const { boxes } of this.frames.values()) boxes.querySelectorAll(".here").forEach((each) => each.remove());
    for (const place of places) this.frames.get(place.page)?.boxes.append(rect(place.box, "here"));
  }
}

function rect([x0, y0, x1, y1], className) {
  const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ x: x0, y: y0, width: x1 - x0, height: y1 - y0, class: className })) box.setAttribute(name, value);
  return box;
}
