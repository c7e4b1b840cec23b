// 标注: one paragraph at a time, with the keyboard alone.

import { api } from "./api.js";
import { h, both, byId, replace, percent } from "./dom.js";
import { announce, toast } from "./notices.js";
import { topics, topicClass, topicIndex } from "./topics.js";
import { loadQueue, saveQueue } from "./queue.js";
import { flush, put, release, takeBack, watch } from "./outbox.js";
import { painted } from "./ranges.js";
import { tabs } from "./tabs.js";
import { showProgress, showSuspects } from "./review.js";
import { fromFile } from "./candidates.js";

const AT_ONCE = 200; // paragraphs that are ranked in one request
const queue = loadQueue();
const work = byId("work");
let chosen = new Set();
let hidden = localStorage.getItem("baozhai.blind") === "1";
let evidenceShown = null;
const done = []; // places of what was settled, the last one last: what undo goes back through

const names = (ids) => (ids.length ? ids.map((id) => topics.find((topic) => topic.id === id)?.zh ?? id).join("、") : "无主题");
const item = () => queue.items[queue.place] ?? null;

/** Keep the queue, and say so if the browser has no room for it. */
function keep() {
  if (!saveQueue(queue)) toast("浏览器的存储已满，刷新页面会丢掉待标列表（已保存的标注不受影响）。Storage is full.");
  byId("queue-count").textContent = String(queue.items.filter((each) => !each.given).length);
}

/** Begin with the paragraph at `place`: what is chosen is what was given, else what the model says. */
function go(place) {
  queue.place = Math.max(0, Math.min(place, queue.items.length));
  evidenceShown = null;
  const current = item();
  chosen = new Set(current?.given ?? (hidden ? [] : current?.topics ?? []));
  keep();
  draw(true);
}

function draw(moved = false) {
  const current = item();
  if (queue.items.length === 0) return replace(work, nothing());
  if (!current) return replace(work, finished());
  const card = h("section", { class: "card work-card", tabindex: "-1", "aria-label": `第 ${queue.place + 1} 段，共 ${queue.items.length} 段 paragraph` },
    h("div", { class: "stack" },
      h("div", { class: "spread" },
        h("span", { class: "muted small numbers" }, `第 ${queue.place + 1} / ${queue.items.length} 段`),
        h("span", { class: "row" },
          current.uncertain && !hidden ? h("span", { class: "tag warn" }, both("存疑", "doubtful")) : null,
          current.given ? h("span", { class: "tag good" }, `已存：${names(current.given)}`) : null,
          current.source ? h("span", { class: "muted small break" }, current.source) : null)),
      h("progress", { max: queue.items.length, value: queue.items.filter((each) => each.given).length, "aria-label": "已标 labelled" }),
      current.title ? h("p", { class: "work-title" }, current.title) : null,
      h("p", { class: "work-text" }, painted(current.text, evidenceShown ?? []))),
    h("div", { class: "stack" },
      h("div", { class: "choices", role: "group", "aria-label": "主题 topics" }, topics.map((topic, index) => choice(topic, index, current)),
        h("button", { class: "chip topic-0", type: "button", "aria-pressed": String(chosen.size === 0), onclick: () => settle([]) },
          h("kbd", {}, "0"), h("span", { class: "on-mark", "aria-hidden": "true" }, chosen.size === 0 ? "✓" : ""), "无主题")),
      h("div", { class: "row" },
        h("button", { class: "button primary", type: "button", onclick: () => settle([...chosen]) }, both("保存，下一段", "Save, next"), h("kbd", {}, "↵")),
        h("button", { class: "button", type: "button", onclick: () => go(queue.place - 1), disabled: queue.place === 0 }, both("上一段", "Back"), h("kbd", {}, "←")),
        h("button", { class: "button", type: "button", onclick: () => go(queue.place + 1) }, both("跳过", "Skip"), h("kbd", {}, "→")),
        h("button", { class: "button", type: "button", onclick: undo, disabled: done.length === 0 }, both("撤销", "Undo"), h("kbd", {}, "U")),
        h("button", { class: "button quiet", type: "button", onclick: evidence }, both("依据", "Evidence"), h("kbd", {}, "E")),
        h("label", { class: "check small" }, h("input", { type: "checkbox", checked: hidden, onchange: blind }), both("先不看模型的判断", "hide the model's answer")))));
  const focused = document.activeElement;
  replace(work, card);
  if (moved && (focused === document.body || work.contains(focused) || focused?.closest?.("#work") === null)) {
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }
  if (moved) announce(`第 ${queue.place + 1} 段：${current.text.slice(0, 60)}`);
}

function choice(topic, index, current) {
  const on = chosen.has(topic.id);
  const confidence = hidden ? null : current.confidences?.[topic.id];
  return h("button", {
    class: `chip ${topicClass(topic.id)}`, type: "button", "aria-pressed": String(on), "data-topic": topic.id,
    title: "点按加上或去掉 · toggle", onclick: () => toggle(topic.id),
  }, h("kbd", {}, String(index + 1)), h("span", { class: "on-mark", "aria-hidden": "true" }, on ? "✓" : ""), topic.zh,
  confidence === undefined || confidence === null ? null : h("span", { class: "number small" }, percent(confidence)));
}

function toggle(id) {
  if (!chosen.delete(id)) chosen.add(id);
  const focused = document.activeElement?.dataset?.topic;
  draw();
  if (focused) work.querySelector(`[data-topic="${CSS.escape(focused)}"]`)?.focus();
  else work.querySelector(".work-card").focus();
  announce(names([...chosen]));
}

/** Save these topics for the paragraph, and go to the next one that is not settled. */
function settle(ids) {
  const current = item();
  if (!current) return;
  const inOrder = topics.map((topic) => topic.id).filter((id) => ids.includes(id));
  const before = { place: queue.place, given: current.given ?? null, label: current.label ?? null };
  current.label = put({ text: current.text, topics: inOrder, title: current.title ?? null, source: current.source ?? "" }, { hold: true });
  current.given = inOrder;
  done.push({ ...before, sent: current.label });
  const next = queue.items.findIndex((each, place) => place > queue.place && !each.given);
  go(next === -1 ? queue.items.length : next);
}

/** Go back to what was settled last: taken back if it has not been sent, else open for a newer label. */
function undo() {
  const last = done.pop();
  if (!last) return;
  const current = queue.items[last.place];
  if (takeBack(last.sent)) {
    current.given = last.given;
    current.label = last.label;
    toast("已撤销，没有保存。Undone; nothing was saved.");
  } else {
    toast(`这段已入库（${names(current.given)}），改后以新的为准。Saved already; a new label replaces it.`);
  }
  const chosenBefore = current.given;
  go(last.place);
  if (chosenBefore) chosen = new Set(chosenBefore);
  draw(true);
}

async function evidence() {
  const current = item();
  if (!current) return;
  if (evidenceShown) {
    evidenceShown = null;
    return draw();
  }
  try {
    const answer = await api.post("/v1/classify", { texts: [current.text], evidence: true, names: "id", ...(current.title ? { title: current.title } : {}) });
    if (item() !== current) return;
    evidenceShown = Object.entries(answer.results[0].evidence ?? {}).flatMap(([id, pieces]) =>
      pieces.slice(0, 2).map(({ start, end, drop }) => ({ start, end, className: `evidence-mark ${topicClass(id)}`, title: `${names([id])} −${percent(drop)}` })));
    if (evidenceShown.length === 0) toast("没有哪一句单独撑起主题。No sentence carries a topic by itself.");
    draw();
  } catch (error) {
    toast(error.message);
  }
}

function blind() {
  hidden = !hidden;
  localStorage.setItem("baozhai.blind", hidden ? "1" : "0");
  go(queue.place);
}

const nothing = () => h("div", { class: "empty" },
  h("p", {}, both("还没有要标的段落。", "Nothing to label yet.")),
  h("p", {}, both("在右边贴一版文字或选文件，也可以在“读版”里把存疑的段落送过来。", "Add a page beside, or send doubtful paragraphs here from Read.")),
  h("a", { class: "button", href: "/" }, both("去读版", "Go to Read")));

function finished() {
  flush();
  const skipped = queue.items.filter((each) => !each.given).length;
  return h("div", { class: "empty", tabindex: "-1" },
    h("p", {}, both(`到头了：标了 ${queue.items.length - skipped} 段，跳过 ${skipped} 段。`, "The end of the queue.")),
    h("div", { class: "row" },
      skipped ? h("button", { class: "button primary", type: "button", onclick: () => go(queue.items.findIndex((each) => !each.given)) }, both("看跳过的", "See the skipped")) : null,
      h("button", { class: "button", type: "button", onclick: undo, disabled: done.length === 0 }, both("撤销", "Undo"), h("kbd", {}, "U")),
      h("button", { class: "button", type: "button", onclick: clearDone }, both("清掉已标的", "Drop the labelled"))));
}

function clearDone() {
  queue.items = queue.items.filter((each) => !each.given);
  done.length = 0;
  go(0);
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("textarea, select, input:not([type=checkbox])");
  if (typing || event.metaKey || event.altKey || byId("panel-queue").hidden || document.querySelector("dialog[open]")) return;
  if (event.ctrlKey) {
    if (event.key.toLowerCase() === "z" && done.length) { event.preventDefault(); undo(); }
    return;
  }
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1] ?? (/^[0-9]$/.test(event.key) ? event.key : null);
  const onButton = event.target.closest?.("button, a, summary, [role=tab]");
  if (digit !== null) {
    if (!item()) return;
    const topic = topics[Number(digit) - 1];
    if (digit === "0") settle([]);
    else if (!topic) return toast(`没有第 ${digit} 个主题。There are ${topics.length} topics.`);
    else if (event.shiftKey) toggle(topic.id);
    else settle([topic.id]);
  } else if (event.key === "Enter" && item() && !onButton) settle([...chosen]);
  else if (event.key === "ArrowRight" && !onButton?.matches("[role=tab]") && item()) go(queue.place + 1);
  else if (event.key === "ArrowLeft" && !onButton?.matches("[role=tab]") && queue.place > 0) go(queue.place - 1);
  else if (event.key.toLowerCase() === "u" && done.length) undo();
  else if (event.key.toLowerCase() === "e" && item()) evidence();
  else if (event.key.toLowerCase() === "h") blind();
  else return;
  event.preventDefault();
});

/** Rank the paragraphs that have not been looked at, and put those of `fresh` in with them. */
async function rank(fresh = []) {
  const known = new Set(queue.items.map((each) => each.text));
  const settled = queue.items.filter((each) => each.given);
  const waiting = queue.items.filter((each) => !each.given);
  waiting.push(...fresh.filter((each) => !known.has(each.text)));
  if (waiting.length === 0) return go(queue.place);
  replace(work, h("div", { class: "empty" }, h("p", { role: "status" }, both("正在挑最值得标的段落…", "ranking by doubt and diversity")), h("progress", { max: 1, value: 0, id: "ranked", "aria-label": "进度 progress" })));
  try {
    const ranked = [];
    let labelled = 0;
    for (let start = 0; start < waiting.length; start += AT_ONCE) {
      const items = waiting.slice(start, start + AT_ONCE).map(({ text, title, source }) => ({ text, title: title ?? null, source: source ?? "" }));
      const answer = await api.post("/desk/next", { items });
      ranked.push(...answer.items.map(({ coverage, ...each }) => each));
      labelled += answer.known;
      if (byId("ranked")) byId("ranked").value = (start + items.length) / waiting.length;
    }
    if (waiting.length > AT_ONCE) ranked.sort((one, other) => Number(other.uncertain) - Number(one.uncertain)); // each batch is in order
    queue.items = [...settled, ...ranked];
    if (labelled) toast(`${labelled} 段你已经标过，没有再列。You had labelled ${labelled} of them.`);
    go(settled.length);
  } catch (error) {
    queue.items = [...settled, ...waiting];
    go(settled.length);
    toast(error.message, { label: "再试 Try again", run: () => rank() }, 15);
  }
}

byId("add-files").addEventListener("change", () => {
  byId("add-names").textContent = [...byId("add-files").files].map((file) => file.name).join("、");
});
byId("add").addEventListener("reset", () => { byId("add-names").textContent = ""; });
byId("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = byId("add-text").value;
  const files = [...byId("add-files").files];
  if (!text.trim() && files.length === 0) return toast("先贴上文字或选文件。Paste text or choose a file.");
  try {
    const found = [];
    if (text.trim()) found.push(...await fromFile(new File([text], "粘贴的文字")));
    for (const file of files) found.push(...await fromFile(file));
    byId("add").reset();
    await rank(found);
  } catch (error) {
    toast(error.message, null, 15);
  }
});
byId("clear").addEventListener("click", () => {
  queue.items = [];
  done.length = 0;
  go(0);
  toast("待标列表已清空；保存过的标注都还在。Cleared; saved labels stay.");
});

watch((waiting) => {
  byId("outbox").textContent = waiting ? `${waiting} 条待送出` : "";
});
tabs([
  ["tab-queue", "panel-queue", () => draw()],
  ["tab-suspects", "panel-suspects", () => release().then(() => showSuspects(byId("panel-suspects")))],
  ["tab-progress", "panel-progress", () => release().then(() => showProgress(byId("panel-progress")))],
]);
flush();
showSuspects(byId("panel-suspects"));
if (queue.items.some((each) => !each.given && !each.confidences)) rank();
else go(queue.place);
