// 模型: training runs as they go, and the way back.

import { api } from "./api.js";
import { h, both, byId, replace } from "./dom.js";
import { toast } from "./notices.js";
import { askReason } from "./ask.js";

const STATES = {
  running: ["训练中", "running", ""], passed: ["过了门槛", "passed", "good"], refused: ["没过门槛", "refused", "warn"],
  failed: ["失败", "failed", "bad"], cancelled: ["已取消", "cancelled", ""], lost: ["中断", "lost", "bad"],
};
const EVERY = 2000; // milliseconds between looks at a run
const opened = new Set();

/** How far a log says that its run is: the last "fold 2 of 5" or "round 1: student 2 of 3". */
function share(log) {
  const steps = [...log.matchAll(/(\d+) of (\d+) is done/g)];
  const last = steps.at(-1);
  return last ? Number(last[1]) / Number(last[2]) : null;
}

const lastLine = (log) => log.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
const versionIn = (log) => [...log.matchAll(/^version (\S+?):?(?:\s|$)/gm)].at(-1)?.[1] ?? null;

async function showRuns() {
  const { runs } = await api.get("/v1/runs");
  const place = byId("runs");
  if (runs.length === 0) return replace(place, h("p", { class: "muted" }, both("还没有训练过。", "No runs yet.")));
  const shown = await Promise.all(runs.slice(0, 10).map(async (run) => {
    const needsLog = run.state === "running" || run.state === "passed" || run.state === "refused" || opened.has(run.id);
    return entry(run, needsLog ? (await api.get(`/v1/runs/${run.id}`)).log : "");
  }));
  const focused = document.activeElement?.id;
  replace(place, h("h3", {}, both("训练记录", "Runs")), shown);
  if (focused) byId(focused)?.focus();
  if (runs.some((run) => run.state === "running")) setTimeout(watchRuns, EVERY);
}

function entry(run, log) {
  const [zh, en, kind] = STATES[run.state] ?? [run.state, "", ""];
  const version = versionIn(log);
  const details = h("details", { open: opened.has(run.id) }, h("summary", { id: `log-${run.id}` }, both("日志", "Log")), h("pre", { class: "log", tabindex: "0" }, log || "…"));
  details.addEventListener("toggle", async () => {
    if (!details.open) return opened.delete(run.id);
    opened.add(run.id);
    if (!log) details.querySelector("pre").textContent = (await api.get(`/v1/runs/${run.id}`)).log || "（没有输出）";
  });
  return h("div", { class: "run" },
    h("div", { class: "spread" },
      h("div", { class: "row" }, h("span", { class: `tag ${kind}` }, both(zh, en)), h("span", { class: "numbers" }, run.began.slice(0, 16).replace("T", " ")),
        h("span", { class: "muted break" }, run.who), run.quick ? h("span", { class: "tag" }, both("快速", "quick")) : null),
      h("div", { class: "row" },
        version ? h("a", { class: "button compact", href: `/models/${encodeURIComponent(version)}` }, both(`看 ${version}`, "report")) : null,
        run.state === "running" ? h("button", { class: "button compact danger", type: "button", id: `cancel-${run.id}`, onclick: () => cancel(run.id) }, both("取消", "Cancel")) : null)),
    run.state === "running" ? h("progress", { max: 1, ...(share(log) === null ? {} : { value: share(log) }), "aria-label": "训练进度 progress" }) : null,
    run.state === "running" || run.state === "failed" ? h("p", { class: "small muted break" }, lastLine(log)) : null, details);
}

async function watchRuns() {
  try {
    await showRuns();
  } catch (error) {
    toast(error.message);
    setTimeout(watchRuns, 5 * EVERY);
  }
}

async function cancel(id) {
  try {
    await fetchCancel(id);
    toast("已取消。Cancelled.");
  } catch (error) {
    toast(error.message);
  }
  watchRuns();
}

const fetchCancel = (id) => api.post(`/v1/runs/${id}/cancel`, {});

const form = byId("train");
if (form) {
  const table = byId("table");
  const from = () => new FormData(form).get("from");
  form.addEventListener("change", () => { table.hidden = from() !== "table"; });
  table.hidden = from() !== "table";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const quick = byId("quick").checked;
    const [file] = table.files;
    if (from() === "table" && !file) return toast("先选一个表格。Choose a table first.");
    if (from() === "store" && byId("short")) return toast("标注库里的标注还不够，先多标一些，或上传表格。Too few labels in the store.");
    try {
      if (from() === "table") await api.bytes(`/desk/runs?name=${encodeURIComponent(file.name)}&quick=${quick ? 1 : 0}`, file);
      else await api.post("/v1/runs", { quick });
      toast("训练开始了，可以离开这一页。Training has begun.");
    } catch (error) {
      toast(error.message, null, 15);
    }
    watchRuns();
  });
}
if (byId("runs") && form) watchRuns();

byId("roll-back")?.addEventListener("click", async () => {
  const why = await askReason("回退到上一版 Roll back", "马上改用上一个在用的版本，之后的请求都由它回答。The version before answers from now on.", both("回退", "Roll back"));
  if (why === null) return;
  try {
    await api.post("/v1/models/rollback", { why });
    location.reload();
  } catch (error) {
    toast(error.message, null, 15);
  }
});
