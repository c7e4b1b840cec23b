// One article on the screen: its blocks as they were laid out, each paragraph with its topics, the digest beside it.

import { h, both, replace, percent, breathe } from "./dom.js";
import { LINE_BREAK, painted } from "./ranges.js";
import { points } from "./points.js";
import { topicChip, topicClass, noTopic, topics } from "./topics.js";
import { articleTopics, evidence } from "./reading.js";
import { correction } from "./correction.js";

const ROLES = {
  headline: ["标题", "headline"], subhead: ["小标题", "subhead"], byline: ["署名", "byline"], dateline: ["电头", "dateline"],
  caption: ["图片说明", "caption"], continuation: ["转接", "continued"], furniture: ["版面", "furniture"], body: ["正文", "body"],
};
const BLOCKS_AT_ONCE = 40;

/** Makes and renews the elements of one article. `may.label`: whether topics can be corrected here. */
export class ArticleView {
  constructor(article, number, { may, source, onplace }) {
    this.article = article;
    this.may = may;
    this.source = source;
    this.onplace = onplace;
    this.paragraphs = new Map();
    this.highlighted = []; // digest sentences: {paragraph, start, end}
    this.topicsLine = h("div", { class: "row article-topics" });
    this.digest = h("aside", { class: "digest-box", "aria-label": "摘要 Digest" });
    this.body = h("div", { class: "article-body" });
    const id = `article-${number}`;
    const title = article.headline ?? "（没有标题的文章 untitled）";
    this.element = h("article", { class: "article card", "aria-labelledby": id, id: `${id}-card` },
      h("header", { class: "article-head" },
        h("h2", { id, class: article.headline ? "font-serif" : "muted", tabindex: "-1" }, title), this.topicsLine),
      h("div", { class: "article-columns" }, this.body, this.digest));
  }

  /** Put the blocks on the screen, some at a time. */
  async fill() {
    for (const [place, block] of this.article.blocks.entries()) {
      if (block.role === "headline" && block.text === this.article.headline) continue; // it stands above
      this.body.append(block.paragraph === null ? this.#block(block) : this.#paragraph(block));
      if (place % BLOCKS_AT_ONCE === BLOCKS_AT_ONCE - 1) await breathe();
    }
    this.renewTopics();
  }

  #block(block) {
    const [zh, en] = ROLES[block.role] ?? [block.role, ""];
    return h("div", { class: `block role-${block.role}`, ...this.#placed(block) },
      h("span", { class: "role", title: `${en} · ${percent(block.confidence)}` }, zh),
      h("p", { class: "block-text font-serif" }, block.text));
  }

  #placed(block) {
    return block.places?.length ? { "data-place": JSON.stringify(block.places[0]), onmouseenter: () => this.onplace?.(block.places) } : {};
  }

  #paragraph(block) {
    const index = block.paragraph;
    const text = h("p", { class: "para-text font-serif" });
    const side = h("div", { class: "para-side" });
    const more = h("div", { class: "para-more", hidden: true });
    const element = h("div", { class: "para topic-0 pending", id: `${this.element.id}-p${index}`, ...this.#placed(block) }, text, side, more);
    this.paragraphs.set(index, { element, text, side, more, block, open: null, marks: [] });
    this.#paint(index);
    this.renew(index);
    return element;
  }

  /** Draw the text of a paragraph with its joins, digest sentences and evidence. */
  #paint(index) {
    const shown = this.paragraphs.get(index);
    const paragraph = this.article.paragraphs[index];
    let passed = 0;
    const joins = paragraph.spans.slice(0, -1).flatMap(([start, end], place) => {
      passed += end - start;
      const gap = paragraph.spans[place + 1][0] - end;
      if (gap >= 0 && gap <= LINE_BREAK) return []; // an ordinary line
      const join = () => h("span", { class: "join", role: "img", "aria-label": "此处并接 joined here", title: "断开的两栏或两版在此并接 · joined across columns or pages" });
      return [{ start: passed, end: passed, element: join }];
    });
    const digest = this.highlighted
      .filter((sentence) => sentence.paragraph === index)
      .map((sentence) => ({ start: sentence.start, end: sentence.end, className: "digest-mark", title: "摘要句 digest" }));
    replace(shown.text, painted(paragraph.text, [...joins, ...digest, ...shown.marks]));
  }

  /** Show what is known of a paragraph's topics now. */
  renew(index) {
    if (!this.paragraphs.has(index)) return; // not laid out yet
    const paragraph = this.article.paragraphs[index];
    const { element, side, block } = this.paragraphs.get(index);
    element.className = `para ${paragraph.topics?.[0] ? topicClass(paragraph.topics[0]) : "topic-0"}`;
    const parts = [];
    if (block.doubtful_join) parts.push(h("span", { class: "tag warn", title: "可能是上一段的后半，没有并接 · may continue the paragraph before" }, both("疑似续段", "join?")));
    if (paragraph.error) {
      parts.push(h("span", { class: "tag bad", title: paragraph.error.detail }, both("未能判断", "not read")));
    } else if (!paragraph.topics) {
      element.classList.add("pending");
      parts.push(h("span", { class: "muted small" }, "判断中…"));
    } else {
      if (paragraph.topics.length === 0) parts.push(noTopic());
      for (const name of paragraph.topics) {
        parts.push(topicChip(name, {
          confidence: paragraph.confidences[name], pressed: this.paragraphs.get(index).open === name,
          label: `${name} ${percent(paragraph.confidences[name])}，看依据 show evidence`, onclick: () => this.#toggleEvidence(index, name),
        }));
      }
      if (paragraph.uncertain) parts.push(h("span", { class: "tag warn", title: "有主题接近阈值，请人看一眼 · near a threshold" }, both("存疑", "doubtful")));
      if (paragraph.corrected) parts.push(h("span", { class: "tag good" }, both("已改", "corrected")));
      if (this.may.label) {
        parts.push(h("button", {
          class: "button quiet compact", type: "button", "aria-expanded": String(this.paragraphs.get(index).open === "correct"),
          "aria-label": `改这一段的主题 correct the topics of paragraph ${index + 1}`, onclick: () => this.#toggleCorrection(index),
        }, both("改", "Correct")));
      }
    }
    replace(side, parts);
  }

  /** The topics of the whole article, from those of its paragraphs. */
  renewTopics() {
    if (this.article.paragraphs.some((paragraph) => !paragraph.topics && !paragraph.error)) return;
    const names = this.article.paragraphs.length ? articleTopics(this.article, topics.map((topic) => topic.zh)) : this.article.topics ?? [];
    this.article.topics = names;
    replace(this.topicsLine, names.length ? names.map((name) => topicChip(name)) : this.article.paragraphs.length ? noTopic() : null);
  }

  /** Highlight digest sentences in the text. */
  highlight(sentences) {
    const touched = new Set([...this.highlighted, ...sentences].map((sentence) => sentence.paragraph));
    this.highlighted = sentences;
    for (const index of touched) if (this.paragraphs.has(index)) this.#paint(index);
  }

  /** Bring a sentence into view. */
  show(sentence) {
    const { element, text } = this.paragraphs.get(sentence.paragraph);
    const mark = [...text.querySelectorAll(".digest-mark")].find((each) => points(sentence.text).slice(0, 8).startsWith(each.textContent.slice(0, 4))) ?? element;
    mark.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    element.classList.add("found");
    setTimeout(() => element.classList.remove("found"), 1600);
  }

  #close(index) {
    const shown = this.paragraphs.get(index);
    shown.open = null;
    shown.marks = [];
    shown.more.hidden = true;
    this.#paint(index);
    this.renew(index);
  }

  async #toggleEvidence(index, name) {
    const shown = this.paragraphs.get(index);
    if (shown.open === name) return this.#refocus(index, () => this.#close(index));
    shown.open = name;
    shown.more.hidden = false;
    replace(shown.more, h("p", { class: "muted small", role: "status" }, both("正在逐句验证…", "checking sentence by sentence")));
    this.#refocus(index, () => this.renew(index));
    const paragraph = this.article.paragraphs[index];
    try {
      const found = (await evidence(this.article, paragraph))[name] ?? [];
      if (shown.open !== name) return;
      shown.marks = found.map((piece) => ({ start: piece.start, end: piece.end, className: `evidence-mark ${topicClass(name)}`, title: `去掉后置信度下降 ${percent(piece.drop)}` }));
      replace(shown.more, found.length
        ? [h("p", { class: "small" }, both(`“${name}”的依据：去掉这句，置信度下降多少`, "evidence: how far confidence falls without it")),
          h("ul", { class: "evidence-list" }, found.map((piece) => h("li", {},
            h("span", { class: "tag numbers" }, `−${percent(piece.drop)}`), " ", h("span", { class: "font-serif" }, piece.text))))]
        : h("p", { class: "small muted" }, both("没有哪一句单独撑起这个主题。", "No single sentence carries it.")));
      this.#paint(index);
    } catch (error) {
      replace(shown.more, h("p", { class: "note bad" }, error.message));
    }
  }

  #toggleCorrection(index) {
    const shown = this.paragraphs.get(index);
    if (shown.open === "correct") return this.#refocus(index, () => this.#close(index));
    shown.open = "correct";
    shown.marks = [];
    shown.more.hidden = false;
    const paragraph = this.article.paragraphs[index];
    const panel = correction(paragraph, {
      title: this.article.headline, source: this.source,
      done: (names) => {
        if (names) Object.assign(paragraph, { topics: names, corrected: true, uncertain: false });
        this.#refocus(index, () => this.#close(index));
        this.renewTopics();
      },
    });
    replace(shown.more, panel);
    this.#paint(index);
    this.renew(index);
    panel.querySelector("button").focus();
  }

  /** Redraw a paragraph's controls and keep the focus on the one that had it. */
  #refocus(index, change) {
    const { side, element } = this.paragraphs.get(index);
    const place = [...side.children].indexOf(document.activeElement);
    const within = element.contains(document.activeElement);
    change();
    if (place >= 0) side.children[Math.min(place, side.children.length - 1)]?.focus();
    else if (within) side.querySelector("button:last-of-type")?.focus();
  }
}
