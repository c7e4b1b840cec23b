// The service counts code points; JavaScript strings count UTF-16 units, in which 𠮷 is two.

const ASTRAL = /[\ud800-\udfff]/;

/** `text` by code points: `slice(start, end)` and `length` as Python has them. */
export function points(text) {
  if (!ASTRAL.test(text)) return { length: text.length, slice: (start, end) => text.slice(start, end), unit: (at) => at };
  const starts = [];
  for (let unit = 0; unit < text.length; unit += text.codePointAt(unit) > 0xffff ? 2 : 1) starts.push(unit);
  const unit = (at) => (at >= starts.length ? text.length : starts[at]);
  return { length: starts.length, slice: (start, end) => text.slice(unit(start), unit(end)), unit };
}
