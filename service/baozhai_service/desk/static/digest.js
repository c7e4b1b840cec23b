// The digest of an article, beside it: its length and topic move with the page's controls.

import { h, both, replace } from "./dom.js";
import { LINE_BREAK, locate } from "./ranges.js";
import { chosen, digests } from "./reading.js";

/** Where a digest sentence stands: its paragraph, and its code points in the page. */
export function placeOf(article, sentence) {
  const spans = locate(article.paragraphs[sentence.paragraph].spans, sentence.start, sentence.end);
  return { paragraph: sentence.paragraph + 1, spans };
}

/** The place in words. */
export function placeInWords({ paragraph, spans }) {
  const runs = [];
  for (const [start, end] of spans) {
    const last = runs.at(-1);
    if (last && start >= last[1] && start - last[1] <= LINE_BREAK) last[1] = end; // the next line of the same column
    else runs.push([start, end]);
  }
  return `第 ${paragraph} 段，第 ${runs.map(([start, end]) => `${start + 1}–${end}`).join("、")} 字`;
}

/** Show the digest of `view`'s article for the controls {unit, length, topic}; asks for it the first time. */
export async function showDigest(view, controls, signal) {
  const { article } = view;
  if (article.paragraphs.length === 0) {
    view.digest.hidden = true;
    return;
  }
  const asked = `${controls.unit} ${controls.length} ${controls.topic}`;
  view.asked = asked;
  const slow = setTimeout(() => replace(view.digest, heading(), h("p", { class: "muted small", role: "status" }, "摘录中…")), 150);
  try {
    const digest = await digests(article, controls.topic, signal);
    if (view.asked !== asked) return; // another length or topic was chosen meanwhile
    const sentences = chosen(digest, controls.unit, controls.length);
    view.highlight(sentences);
    replace(view.digest, heading(sentences), sentences.length ? list(view, sentences) : none(controls));
  } catch (error) {
    if (error.name === "AbortError") return;
    view.highlight([]);
    replace(view.digest, heading(), h("p", { class: "note bad small" }, error.message),
      h("button", { class: "button compact", type: "button", onclick: () => showDigest(view, controls, signal) }, both("再试", "Try again")));
  } finally {
    clearTimeout(slow);
  }
}

function heading(sentences = null) {
  const count = sentences ? sentences.reduce((sum, sentence) => sum + sentence.end - sentence.start, 0) : null;
  return h("div", { class: "spread" }, h("h3", {}, both("摘要", "Digest")),
    count ? h("span", { class: "muted small numbers" }, `${sentences.length} 句 ${count} 字`) : null);
}

function list(view, sentences) {
  return h("ol", { class: "digest-list" }, sentences.map((sentence) => {
    const words = placeInWords(placeOf(view.article, sentence));
    return h("li", {},
      h("button", { class: "digest-sentence font-serif", type: "button", title: `${words} · 显著度 ${sentence.salience.toFixed(2)}`, onclick: () => view.show(sentence) },
        sentence.text.trim(), h("span", { class: "place" }, `第 ${sentence.paragraph + 1} 段`)));
  }));
}

function none({ topic, unit }) {
  if (topic) return h("p", { class: "muted small" }, both(`这篇没有谈“${topic}”。`, "Nothing about this topic."));
  if (unit === "characters") return h("p", { class: "muted small" }, both("没有一句短到放得进这个字数。", "No sentence is this short."));
  return h("p", { class: "muted small" }, both("没有可摘的句子。", "No sentence to quote."));
}
