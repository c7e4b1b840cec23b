// Topics are data: the page is served with those of the live model, in its order.

import { h, served, percent } from "./dom.js";

/** `[{id, zh, en}]` in the order of the model. */
export const topics = served("topics") ?? [];

/** The place of the topic called `name` (Chinese or id), from 1; 0 if the model has none of that name. */
export function topicIndex(name) {
  return topics.findIndex((topic) => topic.zh === name || topic.id === name) + 1;
}

/** The class that gives a topic its colour; colours begin again after nine. */
export const topicClass = (name) => {
  const index = topicIndex(name);
  return `topic-${index === 0 ? 0 : ((index - 1) % 9) + 1}`;
};

/** A chip with the topic's name and, if given, its confidence; a button if something happens on a click. */
export function topicChip(name, { confidence = null, onclick = null, label = null, pressed = null } = {}) {
  const shown = [h("span", {}, name), confidence === null ? null : h("span", { class: "number" }, percent(confidence))];
  if (!onclick) return h("span", { class: `chip ${topicClass(name)}` }, shown);
  return h("button", {
    class: `chip ${topicClass(name)}`, type: "button", onclick, "aria-label": label,
    "aria-pressed": pressed === null ? null : String(pressed),
  }, shown);
}

/** What stands for no topic at all. */
export const noTopic = () => h("span", { class: "chip topic-0" }, "无主题");
