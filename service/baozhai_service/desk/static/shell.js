// The frame of every page: theme, sign-out, and the banner while there is no network.

import { byId } from "./dom.js";

const THEMES = { auto: ["自动", "Auto"], light: ["浅色", "Light"], dark: ["深色", "Dark"] };

function show(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  const [zh, en] = THEMES[theme];
  const button = byId("theme");
  button.textContent = zh;
  button.setAttribute("aria-label", `${zh} 配色，点按切换。Colours: ${en}`);
}

let theme = localStorage.getItem("baozhai.theme") ?? "auto";
if (!(theme in THEMES)) theme = "auto";
show(theme);
byId("theme").addEventListener("click", () => {
  const names = Object.keys(THEMES);
  theme = names[(names.indexOf(theme) + 1) % names.length];
  localStorage.setItem("baozhai.theme", theme);
  show(theme);
});

const offline = () => { byId("offline").hidden = navigator.onLine; };
addEventListener("online", offline);
addEventListener("offline", offline);
offline();
