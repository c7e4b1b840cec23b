// Text with marked ranges, which may overlap; offsets are code points.

import { h } from "./dom.js";
import { points } from "./points.js";

/** Characters that lie between two lines of a paragraph; what lies further apart was joined across columns or pages. */
export const LINE_BREAK = 4;

/**
 * The parts of `text`, each with the ranges that cover it. A range is {start, end, ...}; an empty one marks a place.
 * Returns [{text, covering, at}], where `at` are the empty ranges that lie before the part.
 */
export function parts(text, ranges) {
  const whole = points(text);
  const clipped = ranges
    .map((range) => ({ ...range, start: Math.max(0, range.start), end: Math.min(whole.length, range.end) }))
    .filter((range) => range.start <= range.end);
  const cuts = [...new Set([0, whole.length, ...clipped.flatMap((range) => [range.start, range.end])])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((start, index) => {
    const end = cuts[index + 1];
    return {
      start,
      text: whole.slice(start, end),
      covering: clipped.filter((range) => range.start <= start && range.end >= end && range.end > range.start),
      at: clipped.filter((range) => range.start === start && range.end === start),
    };
  });
}

/** `text` as a fragment; each range's `className` goes on a <mark>, an empty range's `element()` stands at its place. */
export function painted(text, ranges) {
  const fragment = document.createDocumentFragment();
  for (const part of parts(text, ranges)) {
    for (const place of part.at) if (place.element) fragment.append(place.element());
    const classes = part.covering.map((range) => range.className).filter(Boolean);
    if (classes.length === 0) {
      fragment.append(part.text);
      continue;
    }
    const title = part.covering.map((range) => range.title).filter(Boolean).join(" · ");
    fragment.append(h("mark", { class: classes.join(" "), title: title || null }, part.text));
  }
  return fragment;
}

/** Where `[start, end)` of a text that `spans` make up lie: spans again, as the service locates them. */
export function locate(spans, start, end) {
  const found = [];
  let passed = 0;
  for (const [from, to] of spans) {
    const first = Math.max(start - passed, 0);
    const last = Math.min(end - passed, to - from);
    if (first < last) found.push([from + first, from + last]);
    passed += to - from;
  }
  return found;
}
