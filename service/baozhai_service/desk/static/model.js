// One model version: what it would change, and making it live.

import { api } from "./api.js";
import { h, both, byId, replace, percent, served } from "./dom.js";
import { toast } from "./notices.js";
import { outline } from "./reading.js";
import { topicChip } from "./topics.js";

const version = served("version");

byId("compare")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const place = byId("changes");
  replace(place, h("p", { role: "status" }, both("正在用两个版本各判一遍…", "asking both versions")), h("progress", { "aria-label": "进度 progress" }));
  try {
    const text = byId("compare-text").value;
    const texts = text.trim() ? (await outline(text)).articles.flatMap((article) => article.paragraphs.map((paragraph) => paragraph.text)).slice(0, 1000) : [];
    show(place, await api.post("/desk/compare", { version, texts }));
  } catch (error) {
    replace(place, h("p", { class: "note bad", role: "alert" }, error.message));
  }
});

function show(place, { paragraphs, changed, lost, gained, examples }) {
  const names = [...new Set([...Object.keys(lost), ...Object.keys(gained)])];
  replace(place,
    h("p", { role: "status" }, h("strong", {}, `${paragraphs} 段里有 ${changed} 段的主题会变（${percent(paragraphs ? changed / paragraphs : 0)}）`), " ", h("span", { class: "en", lang: "en" }, "paragraphs whose topics change")),
    names.length ? h("div", { class: "table-wrap" }, h("table", { class: "data" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "主题 topic"), h("th", { scope: "col", class: "figure" }, "少了 lost"), h("th", { scope: "col", class: "figure" }, "多了 gained"))),
      h("tbody", {}, names.map((name) => h("tr", {}, h("td", {}, topicChip(name)), h("td", { class: "figure" }, String(lost[name] ?? 0)), h("td", { class: "figure" }, String(gained[name] ?? 0))))))) : null,
    h("ul", { class: "changes" }, examples.map((example) => h("li", {},
      h("span", { class: "row" },
        example.lost.length ? h("span", { class: "row lost" }, "少 −", example.lost.map((name) => topicChip(name))) : null,
        example.gained.length ? h("span", { class: "row" }, "多 +", example.gained.map((name) => topicChip(name))) : null),
      h("span", { class: "font-serif" }, example.text)))));
}

byId("promote")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const why = byId("why").value.trim();
  if (!why) return byId("why").focus();
  try {
    await api.post("/v1/models/promote", { version, why });
    location.reload();
  } catch (error) {
    toast(error.message, null, 15);
  }
});
