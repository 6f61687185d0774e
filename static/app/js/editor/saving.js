// Saves each cell, and each explanation, as one leaves it: one request in flight, retried until the server answers,
// with the version the cell was loaded with. Nothing typed is ever thrown away.

import { Refused, Unreachable, post } from "../http.js";
import { logInAgain } from "./login.js";
import * as recovery from "./recovery.js";
import { toast } from "./toasts.js";

const RETRY_AFTER = 3_000;
const workspace = document.getElementById("workspace");
const sheet = document.getElementById("sheet");
const status = document.getElementById("save-status");

const unsaved = new Map(); // anchor → {text, version, waiting, problem}
let inFlight = null;
let retry = null;

export const inputs = () => [...sheet.querySelectorAll(".entry")];
export const find = (anchor) => workspace.querySelector(`[data-version][name="${CSS.escape(anchor)}"]`);
const isExplanation = (anchor) => anchor.startsWith("explanation/");

export function savedText(input) {
  if (input.matches("select")) return [...input.options].find((o) => o.defaultSelected)?.value ?? "";
  return input.defaultValue;
}

function setSaved(input, text) {
  if (input.matches("select")) {
    for (const option of input.options) option.defaultSelected = option.value === text;
  } else {
    const shown = input.value;
    input.defaultValue = text;
    if (input.value !== shown) input.value = shown;
  }
}

export const hasUnsaved = () => unsaved.size > 0;

// Notes that a cell was changed; it is sent when one leaves it.
export function note(input) {
  const anchor = input.name;
  if (input.value === savedText(input) && !unsaved.get(anchor)?.sending) {
    unsaved.delete(anchor);
    recovery.forget(anchor);
    hideProblem(input);
    input.classList.remove("unsaved");
    report();
    return;
  }
  hideProblem(input);
  const known = unsaved.get(anchor);
  unsaved.set(anchor, { ...known, text: input.value, version: input.dataset.version, waiting: false, problem: null });
  recovery.keep(anchor, input.value, input.getAttribute("aria-label"));
  input.classList.add("unsaved");
}

// Sends a cell that was changed.
export function save(input) {
  const entry = unsaved.get(input.name);
  if (!entry || entry.problem) return;
  entry.waiting = true;
  flush();
}

// Sends a text that was not changed: that it still holds is what is new.
export function insist(input) {
  unsaved.set(input.name, { text: input.value, version: input.dataset.version, problem: null });
  save(input);
}

// Sends everything that waits; resolves when the server has answered (or cannot).
export async function flush() {
  for (const entry of unsaved.values()) if (!entry.problem) entry.waiting = true;
  while (inFlight) await inFlight;
  if (![...unsaved.values()].some((entry) => entry.waiting)) return;
  inFlight = send().finally(() => (inFlight = null));
  await inFlight;
}

async function send() {
  clearTimeout(retry);
  const batch = [...unsaved].filter(([, entry]) => entry.waiting);
  for (const [, entry] of batch) Object.assign(entry, { waiting: false, sending: true });
  show("saving", "正在保存…");
  const changes = batch.map(([anchor, { text, version }]) => ({ anchor, text, version }));
  try {
    const answer = await post(workspace.dataset.cells, { changes });
    const sent = new Map(changes.map(({ anchor, text }) => [anchor, text]));
    for (const outcome of answer.outcomes) apply(outcome, sent.get(outcome.anchor));
    showComputed(answer.computed);
    if (answer.scores) document.body.dispatchEvent(new CustomEvent("scored", { detail: answer.scores }));
    report(answer.saved_at);
    document.body.dispatchEvent(new CustomEvent("saved"));
  } catch (error) {
    for (const [, entry] of batch) entry.waiting = true;
    if (error instanceof Refused && error.status === 401) {
      show("failed", "登录已过期，内容尚未保存");
      logInAgain().then(flush);
    } else if (error instanceof Unreachable) {
      show("failed", `${unsaved.size} 处未保存：${error.message}，正在重试`);
      retry = setTimeout(flush, RETRY_AFTER);
    } else {
      for (const [, entry] of batch) entry.waiting = false;
      show("failed", `${unsaved.size} 处未保存：${error.message}`);
    }
  } finally {
    for (const [, entry] of batch) entry.sending = false;
  }
  if (!retryPending() && [...unsaved.values()].some((entry) => entry.waiting)) queueMicrotask(flush);
}

const retryPending = () => status.dataset.state === "failed";

function apply(outcome, sent) {
  const input = find(outcome.anchor);
  const entry = unsaved.get(outcome.anchor);
  if (!input) {
    strand(outcome.anchor, sent);
    return;
  }
  const retyped = input.value !== sent;
  if (outcome.status === "saved") {
    input.dataset.version = outcome.version;
    setSaved(input, outcome.text);
    if (retyped) {
      note(input);
      if (document.activeElement !== input) unsaved.get(outcome.anchor).waiting = true;
      return;
    }
    unsaved.delete(outcome.anchor);
    recovery.forget(outcome.anchor);
    hideProblem(input);
    input.classList.remove("unsaved");
    if (document.activeElement !== input) input.value = outcome.text;
    input.classList.add("just-saved");
    setTimeout(() => input.classList.remove("just-saved"), 1_200);
  } else {
    if (entry) entry.problem = outcome;
    showProblem(input, outcome);
  }
}

// A text whose row somebody has removed, or whose hint is gone: nothing here can save it, so it
// must not keep the page from being submitted. The browser still offers it when the page is
// opened again.
function strand(anchor, text) {
  unsaved.delete(anchor);
  report();
  const gone = isExplanation(anchor) ? "这条提示已不存在" : "这一行已被删除";
  toast(`${gone}，您填写的内容未能保存，重新打开本页时可以找回：${text}`);
}

export function showComputed(computed) {
  for (const output of sheet.querySelectorAll("output.computed")) {
    if (output.dataset.anchor in computed) output.textContent = computed[output.dataset.anchor];
  }
}

// What is wrong with a cell, beneath it; for a conflict both values and the choice.
function showProblem(input, outcome) {
  hideProblem(input);
  const box = document.createElement("div");
  box.id = `${input.id}-problem`;
  input.setAttribute("aria-errormessage", box.id);
  input.setAttribute("aria-invalid", "true");
  if (outcome.status === "conflict") fillConflict(box, input, outcome);
  else {
    box.className = "cell-error";
    box.setAttribute("role", "alert");
    box.textContent = outcome.message;
  }
  input.after(box);
}

function fillConflict(box, input, outcome) {
  box.className = "conflict";
  box.setAttribute("role", "alert");
  const message = document.createElement("p");
  const who = outcome.changed_by ? `${outcome.changed_by} 于 ${outcome.changed_at} 改为：` : "已被改为：";
  message.textContent = `${isExplanation(input.name) ? "这条说明" : "这一格"}在您填写期间${who}`;
  const theirs = document.createElement("div");
  theirs.className = "theirs";
  theirs.textContent = outcome.text || "（空）";
  const choose = (label, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary";
    button.textContent = label;
    button.addEventListener("click", act);
    return button;
  };
  const keepMine = () => {
    input.dataset.version = outcome.version;
    setSaved(input, outcome.text);
    note(input);
    save(input);
    input.focus();
  };
  const takeTheirs = () => {
    input.dataset.version = outcome.version;
    setSaved(input, outcome.text);
    input.value = outcome.text;
    note(input);
    input.focus();
  };
  box.append(message, theirs, choose("用我填写的", keepMine), choose("用对方填写的", takeTheirs));
}

function hideProblem(input) {
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-errormessage");
  document.getElementById(`${input.id}-problem`)?.remove();
}

// Puts a text into a cell as if it had been typed and left.
export function put(anchor, text) {
  const input = find(anchor);
  if (!input) return;
  input.value = text;
  note(input);
  save(input);
}

// Shows a text that the server refused, with what it said of it.
export function putRefused(anchor, text, outcome) {
  const input = find(anchor);
  if (!input) return;
  input.value = text;
  note(input);
  unsaved.get(anchor).problem = outcome;
  showProblem(input, outcome);
}

// After the table, or the list of findings, was drawn anew: what was not saved in it is put
// back, on its old version.
export function putBack({ explanations }) {
  for (const [anchor, entry] of unsaved) {
    if (isExplanation(anchor) !== explanations) continue;
    const input = find(anchor);
    if (!input) {
      strand(anchor, entry.text);
      continue;
    }
    if (input === document.activeElement) continue;
    input.value = entry.text;
    input.dataset.version = entry.version;
    input.classList.add("unsaved");
    if (entry.problem) showProblem(input, entry.problem);
  }
}

function show(state, text) {
  status.dataset.state = state;
  if (status.textContent !== text) status.textContent = text;
}

function report(savedAt) {
  const problems = [...unsaved.values()].filter((entry) => entry.problem).length;
  if (problems) show("failed", `${problems} 处有误，尚未保存，请改正`);
  else if (savedAt) show("saved", `已保存 ${savedAt}`);
  else if (!unsaved.size && status.dataset.state === "failed") show("idle", "全部内容已保存");
}

window.addEventListener("beforeunload", (event) => {
  if (unsaved.size) event.preventDefault();
});
window.addEventListener("online", () => flush());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && navigator.onLine) flush();
});
