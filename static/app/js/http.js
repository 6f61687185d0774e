// Requests to our own server. A refused one throws Refused; no answer throws Unreachable.

export class Refused extends Error {
  constructor(status, message, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export class Unreachable extends Error {}

export function csrfToken() {
  return document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";
}

async function request(url, options) {
  let response;
  try {
    response = await fetch(url, {
      ...options,
      headers: { "X-Requested-With": "fetch", "X-CSRFToken": csrfToken(), ...options.headers },
      credentials: "same-origin",
    });
  } catch {
    throw new Unreachable("无法连接服务器");
  }
  if (response.ok) return response;
  if (response.status >= 500) throw new Unreachable("服务器暂时无法响应");
  const answer = await response.json().catch(() => ({}));
  throw new Refused(response.status, answer.message ?? "服务器拒绝了这个操作，请刷新页面", answer.code);
}

const OUTLIVES_THE_PAGE = 60_000; // bytes that browsers still send for a page being closed

export async function post(url, body) {
  const text = JSON.stringify(body);
  const response = await request(url, {
    method: "POST",
    body: text,
    keepalive: new Blob([text]).size < OUTLIVES_THE_PAGE,
    headers: { "Content-Type": "application/json" },
  });
  return response.json();
}

export async function postForm(url, fields) {
  const response = await request(url, { method: "POST", body: new URLSearchParams(fields) });
  return response.status === 204 ? null : response.json();
}

export async function getText(url) {
  return (await request(url, {})).text();
}
