// Requests to this service: with the session, and going on after a sign-in where it had expired.

import { signIn } from "./session.js";

const RETRIES = 3;

// What the statuses mean, in Chinese; the service's own words, which name the item, follow in brackets.
const MEANINGS = {
  400: "内容的格式不对", 403: "没有这项权限", 404: "找不到", 408: "上传太慢，中断了", 409: "现在不能这样做", 413: "内容太大",
  415: "读不了这种文件", 422: "内容不合要求", 429: "服务正忙，请稍后再试", 503: "服务暂时不可用，请稍后再试", 504: "等得太久，没有等到结果",
};
const CHINESE = /^[\p{Script=Han}“《（]/u;

function inWords(status, problem) {
  const detail = problem.detail || problem.title || `HTTP ${status}`;
  if (CHINESE.test(detail)) return detail;
  return `${MEANINGS[status] ?? "服务出了错"}（${detail}）`;
}

/** Why a request has no answer; `message` may be shown. `status` 0: the service was not reached. */
export class ApiError extends Error {
  constructor(status, problem) {
    super(inWords(status, problem));
    this.status = status;
    this.kind = (problem.type || "").replace("urn:baozhai:problem:", "");
    this.problem = problem;
  }
}

const csrf = () => document.querySelector('meta[name="csrf"]').content;
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return { title: response.statusText || `HTTP ${response.status}` };
  }
}

/** The response to one request; waits and asks again where the service says so, and signs in again where it must. */
async function send(path, options) {
  for (let attempt = 0; ; attempt += 1) {
    let response;
    try {
      response = await fetch(path, {
        ...options, credentials: "same-origin", headers: { ...options.headers, "X-CSRF-Token": csrf() },
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError(0, { detail: "连不上服务，请检查网络后再试。The service cannot be reached." });
    }
    if (response.ok) return response;
    if (response.status === 401) {
      await signIn();
      continue;
    }
    const wait = Number(response.headers.get("Retry-After"));
    if ((response.status === 429 || response.status === 503) && wait && attempt < RETRIES) {
      await pause(Math.min(wait, 10));
      continue;
    }
    throw new ApiError(response.status, await problemOf(response));
  }
}

const json = async (response) => response.json();

export const api = {
  get: (path, options = {}) => send(path, { method: "GET", ...options }).then(json),
  post: (path, body, options = {}) =>
    send(path, { method: "POST", body: JSON.stringify(body), ...options, headers: { "Content-Type": "application/json" } }).then(json),
  /** Post a form, for example with files. */
  form: (path, form, options = {}) => send(path, { method: "POST", body: form, ...options }).then(json),
  /** Post a file as it is. */
  bytes: (path, file, options = {}) =>
    send(path, { method: "POST", body: file, ...options, headers: { "Content-Type": "application/octet-stream" } }).then(json),
  /** The response itself, for what is not JSON. */
  raw: (path, body, options = {}) =>
    send(path, { method: "POST", body: JSON.stringify(body), ...options, headers: { "Content-Type": "application/json" } }),
  rawForm: (path, form, options = {}) => send(path, { method: "POST", body: form, ...options }),
};
