// Labels on their way to the store. They wait in the browser until the service has them: no network, a session that
// ended or a closed tab loses none.

import { api, ApiError } from "./api.js";
import { toast } from "./notices.js";

const KEY = "baozhai.outbox";
const read = () => JSON.parse(localStorage.getItem(KEY) ?? "[]");
const write = (labels) => localStorage.setItem(KEY, JSON.stringify(labels));
const listeners = new Set();
let sending = null;

/** Call `listener(waiting, kept)` whenever the number of waiting labels changes. */
export function watch(listener) {
  listeners.add(listener);
  listener(read().length, []);
}

function tell(kept) {
  for (const listener of listeners) listener(read().length, kept);
}

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Put a label {text, topics (ids), title, source, retracts} in the outbox; it is sent at once if that is possible. */
export function put(label) {
  const given = { id: newId(), ...label };
  write([...read(), given]);
  tell([]);
  flush();
  return given.id;
}

/** Take a label back that has not been sent yet; whether it could be. */
export function takeBack(id) {
  const labels = read();
  const left = labels.filter((label) => label.id !== id);
  if (sending || left.length === labels.length) return false;
  write(left);
  tell([]);
  return true;
}

/** Send what waits, oldest first. An id goes with each, so that sending one twice keeps one. */
export function flush() {
  sending ??= empty().finally(() => { sending = null; });
  return sending;
}

async function empty() {
  for (let labels = read(); labels.length > 0; labels = read()) {
    const batch = labels.slice(0, 50);
    try {
      await api.post("/v1/labels", { labels: batch });
    } catch (error) {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429 && error.status !== 401) {
        refuse(batch, error);
        continue;
      }
      toast(`${error.message}（${read().length} 条标注存在本机，稍后自动再送。Kept here, sent again later.）`);
      return;
    }
    const sent = new Set(batch.map((label) => label.id));
    write(read().filter((label) => !sent.has(label.id)));
    tell([...sent]);
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
