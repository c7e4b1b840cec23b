// 校对: what each sentence of a digest is to its source.

import { api } from "./api.js";
import { h, both, byId, replace, percent, served, user } from "./dom.js";
import { announce, toast } from "./notices.js";
import { painted } from "./ranges.js";
import { points } from "./points.js";

const KINDS = {
  verbatim: ["一字不差", "verbatim"], near: ["略有出入", "nearly verbatim"], absent: ["原文没有", "not in the source"],
};
const KEPT = `baozhai.verify.${user()}`;
const source = byId("source");
const digest = byId("digest");

const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
source.value ||= kept.source ?? "";
digest.value ||= kept.digest ?? "";
for (const area of [source, digest]) {
  area.addEventListener("input", () => {
    try { sessionStorage.setItem(KEPT, JSON.stringify({ source: source.value, digest: digest.value })); } catch { /* too long to keep */ }
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("verify-form").requestSubmit();
  });
}
byId("sample").addEventListener("click", () => {
  source.value = served("sample-source");
  digest.value = served("sample-digest");
  byId("verify-form").requestSubmit();
});

byId("verify-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const empty = [source, digest].find((area) => !area.value.trim());
  if (empty) {
    empty.focus();
    toast(empty === source ? "还没有原文。Paste the source first." : "还没有摘要。Paste the digest first.");
    return;
  }
  const result = byId("result");
  result.hidden = false;
  replace(result, h("p", { role: "status" }, both("正在逐句核对…", "checking")), h("progress", { "aria-label": "进度 progress" }));
  try {
    const asked = { text: source.value, digest: digest.value };
    show(result, asked, await api.post("/v1/verify", asked));
  } catch (error) {
    replace(result, h("p", { class: "note bad", role: "alert" }, error.message));
  }
});

function show(result, asked, { counts, sentences }) {
  const text = h("div", {});
  const frame = h("div", { class: "source-text card font-serif", tabindex: "0", role: "region", "aria-label": "原文 source" }, text);
  const drawSource = (here) => {
    const ranges = sentences.flatMap((sentence, index) => sentence.spans.map(([start, end]) => ({
      start, end, className: `${sentence.fidelity}${index === here ? " here" : ""}`,
    })));
    replace(text, painted(asked.text, ranges));
    text.querySelector(".here")?.scrollIntoView({ block: "center" });
  };
  drawSource(null);
  replace(result,
    h("div", { class: "counts" }, Object.entries(KINDS).map(([kind, [zh, en]]) =>
      h("div", { class: `count ${kind}` }, h("strong", {}, String(counts[kind])), both(zh, en)))),
    sentences.length === 0
      ? h("p", { class: "empty" }, both("摘要里没有可核对的句子。", "The digest has no sentence to check."))
      : h("div", { class: "verified" },
        h("ol", { class: "quotations" }, sentences.map((sentence, index) => quotation(sentence, () => drawSource(index)))), frame));
  announce(`一字不差 ${counts.verbatim} 句，略有出入 ${counts.near} 句，原文没有 ${counts.absent} 句`);
  result.focus({ preventScroll: true });
  result.scrollIntoView({ block: "start" });
}

function quotation(sentence, find) {
  const [zh, en] = KINDS[sentence.fidelity];
  const where = sentence.spans.map(([start, end]) => `${start + 1}–${end}`).slice(0, 3).join("、") + (sentence.spans.length > 3 ? "…" : "");
  return h("li", { class: `quotation ${sentence.fidelity}` },
    h("div", { class: "row" }, h("span", { class: "kind" }, both(zh, en)),
      sentence.fidelity === "near" ? h("span", { class: "small muted" }, `相同 ${percent(sentence.share)}`) : null,
      sentence.spans.length ? h("button", { class: "button quiet compact", type: "button", onclick: find }, both(`原文第 ${where} 字`, "show")) : null),
    h("p", { class: "font-serif" }, sentence.fidelity === "near" ? differing(sentence) : sentence.text),
    sentence.fidelity === "near" ? h("p", { class: "from font-serif" }, h("span", { class: "small" }, "原文："), sentence.source) : null);
}

/** The sentence with what it has and the source has not (inserted), and what only the source has (struck out). */
function differing({ text, start, differences }) {
  const whole = points(text);
  const shown = document.createDocumentFragment();
  let at = 0;
  for (const difference of differences) {
    const from = difference.start - start;
    shown.append(whole.slice(at, from));
    if (difference.source) shown.append(h("del", { "aria-label": `原文是 ${difference.source}` }, difference.source));
    if (difference.text) shown.append(h("ins", {}, difference.text));
    at = Math.max(at, difference.end - start);
  }
  shown.append(whole.slice(at, whole.length));
  return shown;
}
