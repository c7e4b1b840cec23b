// An article's paragraphs can be put into the labelling queue.

import { byId } from "./dom.js";
import { sendToQueue } from "./queue.js";

const button = byId("to-queue");
if (button) {
  button.addEventListener("click", () => {
    const article = document.querySelector(".archive-article");
    const texts = [...article.querySelectorAll(".paragraph-text")].map((paragraph) => paragraph.textContent);
    sendToQueue(texts.map((text) => ({ text, title: article.dataset.title || null, source: article.dataset.source })));
  });
  button.hidden = false; // not before somebody listens
}
