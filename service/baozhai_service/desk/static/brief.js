// 要览: the digest of a page, by article or by topic, to copy or to take away as text, Markdown or DOCX.

import { api, ApiError } from "./api.js";
import { h, both, replace } from "./dom.js";
import { chosen, digests } from "./reading.js";
import { placeInWords, placeOf } from "./digest.js";
import { toast } from "./notices.js";

const sentenceOf = (article, sentence) => ({ text: sentence.text.trim(), place: placeInWords(placeOf(article, sentence)) });

/** One section for each article. */
async function byArticle(page, controls) {
  const sections = [];
  for (const article of page.read.articles.filter((each) => each.paragraphs.length)) {
    const sentences = chosen(await digests(article, controls.topic), controls.unit, controls.length);
    if (sentences.length) {
      sections.push({ heading: article.headline ?? "（无标题）", topics: article.topics ?? [], items: [{ title: null, sentences: sentences.map((each) => sentenceOf(article, each)) }] });
    }
  }
  return sections;
}

/** One section for each topic, with what each of its articles says about it. */
async function byTopic(page, controls, told) {
  const sections = [];
  const names = [...new Set(page.read.articles.flatMap((article) => article.topics ?? []))];
  const total = page.read.articles.reduce((sum, article) => sum + (article.topics ?? []).length, 0);
  let done = 0;
  for (const name of names) {
    const items = [];
    for (const article of page.read.articles.filter((each) => each.paragraphs.length && each.topics?.includes(name))) {
      const sentences = chosen(await digests(article, name), controls.unit, controls.length);
      if (sentences.length) items.push({ title: article.headline ?? "（无标题）", sentences: sentences.map((each) => sentenceOf(article, each)) });
      done += 1;
      told(done / total);
    }
    if (items.length) sections.push({ heading: name, topics: [], items });
  }
  return sections;
}

/** Open the dialog with the page's 要览 (`kind` "brief") or its digests ("digest"). */
export async function openBrief(page, controls, kind = "brief") {
  const title = kind === "brief" ? `要览：${page.name}` : `摘要：${page.name}`;
  const body = h("div", { class: "brief stack", tabindex: "0", "aria-label": title });
  const foot = h("div", { class: "row" });
  const dialog = h("dialog", { class: "wide", "aria-labelledby": "brief-title" },
    h("div", { class: "stack" },
      h("div", { class: "dialog-head" }, h("h2", { id: "brief-title", class: "break" }, title),
        h("button", { class: "button quiet", type: "button", "aria-label": "关闭 Close", onclick: () => dialog.close() }, "✕")),
      body, foot));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  const bar = h("progress", { max: 1, value: 0, "aria-label": "进度 progress" });
  replace(body, h("p", { role: "status" }, both("正在按主题摘录…", "quoting topic by topic")), bar);
  try {
    const sections = kind === "brief" ? await byTopic(page, controls, (share) => { bar.value = share; }) : await byArticle(page, controls);
    if (sections.length === 0) {
      replace(body, h("p", { class: "empty" }, both("这一版没有可摘的内容。", "There is nothing to quote on this page.")));
      return;
    }
    replace(body, sections.map(section));
    replace(foot, actions({ title, sections, model_version: page.version ?? "" }));
  } catch (error) {
    replace(body, h("p", { class: "note bad" }, error.message));
  }
}

const section = ({ heading, items }) => h("section", { class: "stack" }, h("h3", {}, heading),
  items.map((item) => h("div", {}, item.title ? h("h4", { class: "font-serif" }, item.title) : null,
    h("ol", { class: "digest-list" }, item.sentences.map((sentence) => h("li", { class: "font-serif" }, sentence.text, h("span", { class: "place" }, sentence.place)))))));

function actions(brief) {
  const save = async (format) => {
    try {
      const response = await api.raw("/desk/export", { ...brief, format });
      const name = decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(response.headers.get("Content-Disposition"))[1]);
      const link = h("a", { href: URL.createObjectURL(await response.blob()), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    } catch (error) {
      toast(error instanceof ApiError ? error.message : String(error), null, 12);
    }
  };
  const copy = async () => {
    try {
      const response = await api.raw("/desk/export", { ...brief, format: "txt" });
      await navigator.clipboard.writeText(await response.text());
      toast("已复制。Copied.");
    } catch (error) {
      toast(error.message, null, 12);
    }
  };
  return [
    h("button", { class: "button primary", type: "button", onclick: copy }, both("复制", "Copy")),
    h("button", { class: "button", type: "button", onclick: () => save("txt") }, both("下载文本", "Text")),
    h("button", { class: "button", type: "button", onclick: () => save("md") }, "Markdown"),
    h("button", { class: "button", type: "button", onclick: () => save("docx") }, "DOCX"),
  ];
}
