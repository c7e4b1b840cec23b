// Labels that are probably wrong, and how far the labelling has come.

import { api } from "./api.js";
import { h, both, byId, replace, percent } from "./dom.js";
import { topics, topicChip, noTopic } from "./topics.js";
import { correction } from "./correction.js";

const zh = (id) => topics.find((topic) => topic.id === id)?.zh ?? id;
const chips = (ids) => (ids.length ? ids.map((id) => topicChip(zh(id))) : [noTopic()]);
const failed = (panel, error) => replace(panel, h("p", { class: "note bad", role: "alert" }, error.message));

/** List the suspects in `panel`; each can be corrected in place. */
export async function showSuspects(panel) {
  try {
    const { suspects } = await api.get("/desk/labels");
    byId("suspect-count").textContent = String(suspects.length);
    if (suspects.length === 0) {
      return replace(panel, h("div", { class: "empty" }, h("p", {}, both("没有可疑的标注。", "No label looks wrong.")),
        h("p", { class: "small" }, both("标注与当时模型的判断相差很远时，会列在这里，请再看一眼。", "Labels that the model found very unlikely are listed here."))));
    }
    replace(panel, h("p", { class: "muted" }, both("模型没见过这些标注时给的置信度，与人的判断相差最远的在前；可能是手误，也可能是模型不会。", "Least likely first, by a model that had not seen the label.")),
      h("ol", { class: "suspect-list" }, suspects.map((suspect) => entry(suspect))));
  } catch (error) {
    failed(panel, error);
  }
}

function entry({ label, topic, given, likely }) {
  const place = h("div", {});
  const doubt = given ? `标了“${zh(topic)}”，模型认为只有 ${percent(likely)} 的可能` : `没标“${zh(topic)}”，模型认为有 ${percent(1 - likely)} 的可能`;
  const element = h("li", { class: "card" },
    label.title ? h("p", { class: "muted small" }, label.title) : null, h("p", {}, label.text),
    h("div", { class: "row" }, chips(label.topics), h("span", { class: "tag warn" }, doubt), h("span", { class: "muted small" }, `${label.who} · ${label.at.slice(0, 16).replace("T", " ")}`)),
    h("div", { class: "row" },
      h("button", {
        class: "button compact", type: "button", onclick: () => {
          replace(place, correction({ text: label.text, topics: label.topics.map(zh) }, {
            title: label.title, source: label.source,
            done: (names) => (names ? element.remove() : replace(place)),
          }));
          place.querySelector("button").focus();
        },
      }, both("改", "Correct"))), place);
  return element;
}

/** Show progress and agreement in `panel`. */
export async function showProgress(panel) {
  replace(panel, h("p", { role: "status", class: "muted" }, both("统计中…", "counting")));
  try {
    const { progress } = await api.get("/desk/labels");
    if (progress.texts === 0) return replace(panel, h("div", { class: "empty" }, both("标注库还是空的。", "The label store is empty.")));
    const figure = (value, words, english) => h("div", { class: "card figure-card" }, h("div", {}, h("strong", {}, value), both(words, english)));
    replace(panel,
      h("div", { class: "figures" },
        figure(String(progress.texts), "段已标", "paragraphs labelled"),
        figure(String(progress.labels), "条标注（含修改）", "labels, corrections included"),
        figure(progress.corrected === null ? "–" : percent(progress.corrected), "与模型不同", "differ from the model"),
        figure(String(progress.shared), "段有两人以上标过", "by two or more people"),
        figure(progress.same === null ? "–" : percent(progress.same), "多人完全一致", "labelled alike by all")),
      h("div", { class: "split" },
        table("按主题", "By topic", ["主题 topic", "段数 paragraphs", "一致性 α"], [...topics.map(({ id }) => id), ""].map((id) => [
          id ? topicChip(zh(id)) : noTopic(), progress.topics[id] ?? 0, progress.alpha[id] === undefined ? "–" : progress.alpha[id].toFixed(2)])),
        table("按人", "By person", ["谁 who", "段数 paragraphs"], Object.entries(progress.people))),
      h("p", { class: "muted small" }, both("一致性用 Krippendorff α：1 为完全一致，0 等于随机；0.8 以上可信。需要两人标过同样的段落。", "Krippendorff's alpha; needs paragraphs that two people labelled.")));
  } catch (error) {
    failed(panel, error);
  }
}

function table(words, english, head, rows) {
  return h("div", { class: "card table-wrap" }, h("table", { class: "data" }, h("caption", {}, both(words, english)),
    h("thead", {}, h("tr", {}, head.map((name, index) => h("th", { scope: "col", class: index ? "figure" : null }, name)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, index) => h("td", { class: index ? "figure" : null }, cell instanceof Node ? cell : String(cell))))))));
}
