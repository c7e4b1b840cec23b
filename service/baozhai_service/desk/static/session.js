// Signing in again in place, when a session ends in the middle of work.

import { h, both, replace, user } from "./dom.js";

let asking = null;

/** Ask for the key in a dialog; resolves when there is a session again. Everyone who needs one waits for the same dialog. */
export function signIn() {
  asking ??= ask().finally(() => { asking = null; });
  return asking;
}

function ask() {
  return new Promise((resolve, reject) => {
    const key = h("input", { type: "password", name: "key", autocomplete: "current-password", required: true, id: "again-key" });
    const wrong = h("p", { class: "note bad", role: "alert", hidden: true });
    const dialog = h("dialog", { "aria-labelledby": "again-title", class: "sign-in-again" });
    const form = h("form", { class: "stack", method: "dialog" },
      h("h2", { id: "again-title" }, both("登录已过期", "Your session has ended")),
      h("p", {}, both("页面上的内容都还在。重新输入密钥，刚才的操作会接着完成。", "Nothing is lost: sign in and what you did goes through.")),
      h("label", { class: "field" }, h("span", {}, both("密钥", "API key")), key), wrong,
      h("div", { class: "row" },
        h("button", { class: "button primary" }, both("登录并继续", "Sign in and go on")),
        h("button", { class: "button quiet", type: "button", onclick: () => dialog.close() }, both("暂不", "Not now"))));
    let done = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const response = await fetch("/desk/session", {
          method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ key: key.value }),
        });
        const answer = await response.json();
        if (response.ok) {
          document.querySelector('meta[name="csrf"]').content = answer.csrf;
          if (answer.name !== user()) location.reload(); // somebody else: nothing may go out in the other's name
          done = true;
          dialog.close();
          return;
        }
        replace(wrong, answer.detail);
      } catch {
        replace(wrong, "连不上服务，请稍后再试。The service cannot be reached.");
      }
      wrong.hidden = false;
      key.select();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (done) resolve();
      else reject(new Error("没有登录，刚才的操作没有完成。Not signed in; nothing was sent."));
    });
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
    key.focus();
  });
}
