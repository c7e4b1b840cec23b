// Labels on their way to the store. They wait in the browser until the service has them: no network, a session that
// ended or a closed tab loses none.

import { api, ApiError } from "./api.js";
import { user } from "./dom.js";
import { toast } from "./notices.js";

const KEY = `baozhai.outbox.${user()}`;
const read = () => JSON.parse(localStorage.getItem(KEY) ?? "[]");
const write = (labels) => localStorage.setItem(KEY, JSON.stringify(labels));
const listeners = new Set();
const HOLD_SECONDS = 5;
let sending = null;
let sent = new Set(); // ids in the request that is under way
let held = null;
let timer = null;

/** Call `listener(waiting, kept)` whenever the number of waiting labels changes. */
export function watch(listener) {
  listeners.add(listener);
  listener(read().length, []);
}

function tell(kept) {
  for (const listener of listeners) listener(read().length, kept);
}

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * Put a label {text, topics (ids), title, source} in the outbox; its id. It is sent at once, or, with `hold`, when the
 * next one comes or after a moment, so that it can still be taken back.
 */
export function put(label, { hold = false } = {}) {
  const given = { id: newId(), ...label };
  const waiting = read();
  clearTimeout(timer);
  held = hold ? given.id : null;
  write([...waiting, given]);
  tell([]);
  if (hold) timer = setTimeout(() => { held = null; flush(); }, HOLD_SECONDS * 1000);
  if (!hold || waiting.length > 0) flush();
  return given.id;
}

/** Take a label back that has not been sent yet; whether it could be. */
export function takeBack(id) {
  const labels = read();
  const left = labels.filter((label) => label.id !== id);
  if (sent.has(id) || left.length === labels.length) return false;
  if (held === id) held = null;
  write(left);
  tell([]);
  return true;
}

/** Send what waits, oldest first, save what is held. An id goes with each, so that sending one twice keeps one. */
export function flush() {
  sending ??= empty().finally(() => { sending = null; });
  return sending;
}

/** Send what is held as well: somebody is about to look at the store. Undo is then a newer label. */
export async function release() {
  clearTimeout(timer);
  held = null;
  await sending; // it may have begun without what was held
  await flush();
}

async function empty() {
  const ready = () => read().filter((label) => label.id !== held);
  for (let labels = ready(); labels.length > 0; labels = ready()) {
    const batch = labels.slice(0, 50);
    sent = new Set(batch.map((label) => label.id));
    try {
      await api.post("/v1/labels", { labels: batch });
    } catch (error) {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429 && error.status !== 401) {
        refuse(batch, error);
        continue;
      }
      sent = new Set();
      toast(`${error.message}（${read().length} 条标注存在本机，稍后自动再送。Kept here, sent again later.）`);
      return;
    }
    const kept = [...sent];
    write(read().filter((label) => !sent.has(label.id)));
    sent = new Set();
    tell(kept);
  }
}

/** The service will never take these: say so, and keep them out of the way of the others. */
function refuse(batch, error) {
  const refused = new Set(batch.map((label) => label.id));
  write(read().filter((label) => !refused.has(label.id)));
  tell([]);
  toast(`标注没有被接受：${error.message}`, null, 15);
}

addEventListener("online", flush);
addEventListener("pagehide", () => {
  // What is held goes now if it can; what does not arrive is still in the browser, and goes with the next page.
  held = null;
  flush();
});
