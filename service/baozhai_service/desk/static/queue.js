// What waits to be labelled in this browser: it survives a reload, a closed tab and a session that ends.

import { user } from "./dom.js";
import { toast } from "./notices.js";

const KEY = `baozhai.queue.${user()}`;

/** The queue: {items: [{text, title, source, topics?, confidences?, given?}], place}. */
export function loadQueue() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null");
    if (kept && Array.isArray(kept.items)) return kept;
  } catch { /* not ours: begin anew */ }
  return { items: [], place: 0 };
}

/** Keep the queue; false if the browser has no room for it. */
export function saveQueue(queue) {
  try {
    localStorage.setItem(KEY, JSON.stringify(queue));
    return true;
  } catch {
    return false;
  }
}

/** Put paragraphs {text, title, source} into the queue, those that are in it already aside, and offer the way there. */
export function sendToQueue(paragraphs) {
  const queue = loadQueue();
  const known = new Set(queue.items.map((item) => item.text));
  const added = paragraphs.filter((item) => item.text.trim() && !known.has(item.text));
  queue.items.push(...added.map(({ text, title = null, source = "" }) => ({ text, title, source })));
  if (!saveQueue(queue)) {
    toast("浏览器存不下这么多段落，请分批送。The browser has no room for so many.");
    return 0;
  }
  toast(`已把 ${added.length} 段送去标注。Sent ${added.length} to the labelling queue.`, { label: "去标注 Label", run: () => location.assign("/label") });
  return added.length;
}
