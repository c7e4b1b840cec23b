// 读版: paste or drop pages, read them, and take their digests away.

import { api } from "./api.js";
import { h, both, byId, replace, breathe, served, user } from "./dom.js";
import { announce, toast } from "./notices.js";
import { topics } from "./topics.js";
import { outline, outlineOf, classify } from "./reading.js";
import { ArticleView } from "./article.js";
import { showDigest } from "./digest.js";
import { openBrief } from "./brief.js";
import { sendToQueue } from "./queue.js";
import { Pictures } from "./pictures.js";

const DRAFT = `baozhai.draft.${user()}`;
const may = served("may") ?? {};
const text = byId("page-text");
const pages = [];
let current = null;

text.value ||= sessionStorage.getItem(DRAFT) ?? "";
text.addEventListener("input", () => { try { sessionStorage.setItem(DRAFT, text.value); } catch { /* too long to keep */ } });
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("read-form").requestSubmit();
});

byId("read-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!text.value.trim()) {
    text.focus();
    toast("先贴上一版文字，或选一个文件。Paste a page or choose a file first.");
    return;
  }
  open({ name: firstLine(text.value), text: text.value });
});

byId("files").addEventListener("change", (event) => takeFiles(event.target));
byId("sample").addEventListener("click", () => {
  text.value = served("sample-page");
  byId("read-form").requestSubmit();
});
byId("another").addEventListener("click", () => {
  byId("input").hidden = false;
  text.focus();
  text.select();
  text.scrollTop = 0;
});

async function takeFiles(input) {
  const files = [...input.files];
  input.value = "";
  for (const file of files) await open({ name: file.name, file });
}

for (const kind of ["dragover", "dragleave", "drop"]) {
  byId("drop").addEventListener(kind, (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    byId("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop") for (const file of event.dataTransfer.files) open({ name: file.name, file });
  });
}

const firstLine = (whole) => whole.trim().split("\n", 1)[0].slice(0, 30);

/** Read one page, pasted or from a file, and show it. */
async function open({ name, text: pasted = null, file = null }) {
  const stopper = new AbortController();
  const page = { name, file, stopper, views: [], share: 0, failed: null, element: h("div", { class: "stack pages-one" }) };
  pages.push(page);
  byId("result").hidden = false;
  byId("input").hidden = true;
  choose(page);
  status(page, both("正在读版…", "reading the page"), null);
  try {
    const read = pasted === null ? await fromFile(page) : await outline(pasted, stopper.signal);
    page.read = read;
    page.source = file ? name : "";
    const laying = lay(page, read);
    const naming = classify(read.articles, (number, group, share, version) => {
      const view = page.views[number];
      for (const index of group) view.renew(index);
      view.renewTopics();
      page.version = version;
      status(page, both("正在判断主题…", "naming topics"), share);
    }, stopper.signal);
    await Promise.all([laying, naming]);
    page.done = true;
    summary(page);
  } catch (error) {
    if (error.name === "AbortError") return status(page, both("已停下，读到的都在下面。", "Stopped; what was read is below."), null, true);
    page.failed = error;
    failure(page, error, () => { drop(page); open({ name, text: pasted, file }); });
  }
}

/** What the service reads from a file. Text is read as if it had been pasted; what else there is, as a document. */
async function fromFile(page) {
  if (/\.(?:txt|md)$/i.test(page.name)) {
    const { text: decoded } = await api.bytes("/desk/text", page.file, { signal: page.stopper.signal });
    return outline(decoded, page.stopper.signal);
  }
  const form = new FormData();
  form.append("file", page.file, page.name);
  const answer = await api.form("/v1/read", form, { signal: page.stopper.signal });
  page.document = answer.document;
  page.version = answer.model_version;
  return outlineOf(answer);
}

async function lay(page, read) {
  page.pictures = page.document?.pages?.length ? new Pictures(page) : null;
  page.views = read.articles.map((article, number) =>
    new ArticleView(article, `${pages.indexOf(page)}-${number}`, { may, source: page.source, onplace: (places) => page.pictures?.show(places) }));
  replace(page.element, warnings(page), h("div", { class: page.pictures ? "with-pictures" : "" },
    page.pictures?.element, h("div", { class: "stack" }, page.views.map((view) => view.element))));
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((each) => each.isIntersecting)) {
      near.unobserve(entry.target);
      const view = page.views.find((each) => each.element === entry.target);
      view.near = true;
      showDigest(view, controls(), page.stopper.signal);
    }
  }, { rootMargin: "600px" });
  for (const view of page.views) {
    await view.fill();
    near.observe(view.element);
    await breathe();
  }
}

function warnings(page) {
  const told = page.document?.warnings ?? [];
  return told.length ? h("ul", { class: "note warn plain" }, told.map((warning) => h("li", {}, warning))) : null;
}

/** The page that is looked at; the others stay a tab away. */
function choose(page) {
  current = page;
  replace(byId("pages"), page.element);
  const list = byId("page-list");
  list.hidden = pages.length < 2;
  replace(list, pages.map((each) => h("li", {}, h("button", {
    class: "button compact", type: "button", "aria-current": each === current ? "true" : null, onclick: () => { choose(each); },
  }, each.name))));
  if (page.done) summary(page);
  else if (page.failed) failure(page, page.failed, null);
  renewDigests();
}

function drop(page) {
  pages.splice(pages.indexOf(page), 1);
}

/** What is being done; the button and the bar stay the same elements, so that a click or the focus is never lost. */
function status(page, words, share, over = false) {
  if (page !== current) return;
  if (over) {
    replace(byId("status"), h("span", { role: "status" }, words));
    return;
  }
  page.shown ??= {
    words: h("span", { role: "status" }),
    bar: h("progress", { max: 1, "aria-label": "进度 progress" }),
    stop: h("button", { class: "button quiet compact", type: "button", onclick: () => page.stopper.abort() }, both("停", "Stop")),
  };
  const { words: line, bar, stop } = page.shown;
  if (line.textContent !== words.textContent) replace(line, words);
  if (share !== null) bar.value = share;
  if (!stop.isConnected) replace(byId("status"), h("div", { class: "row" }, line, stop), bar);
}

function summary(page) {
  if (page !== current) return;
  const paragraphs = page.read.articles.flatMap((article) => article.paragraphs);
  const doubtful = paragraphs.filter((paragraph) => paragraph.uncertain && !paragraph.corrected);
  const words = `${page.read.articles.length} 篇文章，${paragraphs.length} 段，${page.read.characters} 字全部读过；存疑 ${doubtful.length} 段`;
  replace(byId("status"), h("div", { class: "row" },
    h("span", {}, both(words, `${page.read.articles.length} articles, ${paragraphs.length} paragraphs, read in full; ${doubtful.length} doubtful`)),
    page.version ? h("span", { class: "tag", title: "模型版本 model version" }, page.version) : null,
    may.label && doubtful.length ? h("button", { class: "button compact", type: "button", onclick: () => queue(page, doubtful) }, both("存疑的送去标注", "Send the doubtful to Label")) : null));
  announce(words);
}

function queue(page, doubtful) {
  const titleOf = (paragraph) => page.read.articles.find((article) => article.paragraphs.includes(paragraph))?.headline ?? null;
  sendToQueue(doubtful.map((paragraph) => ({ text: paragraph.text, title: titleOf(paragraph), source: page.source })));
}

function failure(page, error, again) {
  if (page !== current) return;
  replace(byId("status"), h("div", { class: "note bad stack", role: "alert" },
    h("p", {}, h("strong", {}, `《${page.name}》没能读成：`), " ", error.message),
    again ? h("div", { class: "row" },
      h("button", { class: "button compact", type: "button", onclick: again }, both("再试一次", "Try again")),
      page.file ? null : h("button", { class: "button quiet compact", type: "button", onclick: () => { byId("input").hidden = false; text.focus(); } }, both("改文字", "Edit the text"))) : null));
}

// The controls of the digest.
const unit = byId("unit");
const length = byId("length");
const topic = byId("topic");
const LENGTHS = served("reading").characters;

for (const { zh } of topics) topic.append(h("option", { value: zh }, zh));

function controls() {
  const characters = unit.value === "characters";
  return {
    unit: unit.value,
    length: characters ? LENGTHS[Number(length.value) - 1] : Number(length.value),
    topic: topic.value || null,
  };
}

function renewDigests() {
  const { unit: by, length: size } = controls();
  const words = by === "characters" ? `${size} 字以内` : `${size} 句`;
  byId("length-shown").textContent = words;
  length.setAttribute("aria-valuetext", words);
  for (const view of current?.views ?? []) if (view.near) showDigest(view, controls(), current.stopper.signal);
}

unit.addEventListener("change", () => {
  const characters = unit.value === "characters";
  length.max = characters ? LENGTHS.length : served("reading").sentences;
  length.value = characters ? 4 : 3;
  renewDigests();
});
length.addEventListener("input", renewDigests);
topic.addEventListener("change", renewDigests);
byId("brief").addEventListener("click", () => current?.read && openBrief(current, controls()));
byId("take-digest").addEventListener("click", () => current?.read && openBrief(current, controls(), "digest"));
renewDigests();
