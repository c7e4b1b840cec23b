// Correct the topics of one paragraph in place; what is saved goes to the label store.

import { h, both } from "./dom.js";
import { topics, topicChip, topicIndex } from "./topics.js";
import { put } from "./outbox.js";
import { toast } from "./notices.js";

/** A panel with a switch for each topic. `done(names)` is called with the topics that were saved, or null if none were. */
export function correction(paragraph, { title, source, done }) {
  const chosen = new Set(paragraph.topics ?? []);
  const chips = topics.map((topic, place) => {
    const chip = topicChip(topic.zh, {
      pressed: chosen.has(topic.zh), label: `${place + 1} ${topic.zh} ${topic.en}`,
      onclick: () => {
        if (!chosen.delete(topic.zh)) chosen.add(topic.zh);
        chip.setAttribute("aria-pressed", String(chosen.has(topic.zh)));
      },
    });
    return chip;
  });
  const save = (names) => {
    put({
      text: paragraph.text, topics: names.map((name) => topics[topicIndex(name) - 1].id),
      title: title ? title.slice(0, 1000) : null, source: (source ?? "").slice(0, 1000),
    });
    toast(names.length ? `已保存：${names.join("、")}。Saved.` : "已保存：无主题。Saved: no topic.");
    done(names);
  };
  const panel = h("div", { class: "correction", role: "group", "aria-label": "改主题 correct topics" },
    h("div", { class: "row" }, chips),
    h("div", { class: "row" },
      h("button", { class: "button primary compact", type: "button", onclick: () => save(topics.map((topic) => topic.zh).filter((name) => chosen.has(name))) }, both("保存", "Save")),
      h("button", { class: "button compact", type: "button", onclick: () => save([]) }, both("无主题", "No topic")),
      h("button", { class: "button quiet compact", type: "button", onclick: () => done(null) }, both("取消", "Cancel")),
      h("span", { class: "small muted" }, both("数字键切换，Enter 保存，Esc 取消", "digits, Enter, Esc"))));
  panel.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") done(null);
    else if (event.key === "0") save([]);
    else if (/^[1-9]$/.test(event.key) && chips[Number(event.key) - 1]) chips[Number(event.key) - 1].click();
    else if (event.key === "Enter" && chips.includes(event.target)) save(topics.map((topic) => topic.zh).filter((name) => chosen.has(name)));
    else return;
    event.preventDefault();
  });
  return panel;
}
