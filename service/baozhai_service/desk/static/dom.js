// Elements without markup: a child that is a string is text, whatever is in it.

/** An element with attributes and children. `on*` attributes are listeners; false and null leave an attribute out. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "disabled") element[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Chinese, and English beside it. */
export function both(zh, en) {
  const shown = document.createDocumentFragment();
  shown.append(h("span", { class: "zh" }, zh), " ", h("span", { class: "en", lang: "en" }, en));
  return shown;
}

/** Put `children` in the place of what `parent` holds. */
export function replace(parent, ...children) {
  parent.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return parent;
}

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** Values that the page was served with: `<script type="application/json" id=...>`. */
export function served(id) {
  const element = byId(id);
  return element ? JSON.parse(element.textContent) : null;
}

/** 93% for 0.93. */
export const percent = (share) => `${Math.round(share * 100)}%`;

/** Let the browser paint and take input before going on. */
export const breathe = () => new Promise((resolve) => setTimeout(resolve));

/** Who is signed in; empty without keys. What the browser keeps is kept for each person apart. */
export const user = () => document.querySelector('meta[name="user"]').content;
