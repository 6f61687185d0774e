// Rows come, go and move; the table is then drawn anew, with what is not saved kept.

import { Refused, getText, post } from "../http.js";
import { logInAgain } from "./login.js";
import { find, flush, inputs, putBack } from "./saving.js";
import { toast } from "./toasts.js";

const workspace = document.getElementById("workspace");
const sheet = document.getElementById("sheet");
const undoButton = document.getElementById("undo");
let undoable = [];
let busy = false;

// Runs one act at a time; says what went wrong; asks to log in where the session has ended.
export async function act(work) {
  if (busy) return;
  busy = true;
  sheet.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) {
      logInAgain().then(() => act(work));
    } else toast(error.message);
  } finally {
    busy = false;
    sheet.removeAttribute("aria-busy");
  }
}

// Draws the table anew and puts the focus back: on an anchor, or on a row's first cell.
export async function reload({ focus, row } = {}) {
  const active = document.activeElement;
  const place = focus ?? (sheet.contains(active) ? active.name : null);
  const caret = active?.selectionStart;
  sheet.innerHTML = await getText(workspace.dataset.table);
  putBack({ explanations: false });
  const target = row ? inputs().find((input) => input.name.startsWith(`${row}/`)) : place && find(place);
  if (target) {
    target.focus();
    if (!row && caret != null && target === find(active?.name ?? "")) {
      try {
        target.setSelectionRange(caret, caret);
      } catch {
        // a select has no caret
      }
    }
  }
}

export function offerUndo(message, event) {
  undoable.push(event);
  undoButton.disabled = false;
  toast(message, "撤销", () => undo(event));
}

function undo(event) {
  return act(async () => {
    await flush();
    const answer = await post(workspace.dataset.undo, { event });
    undoable = undoable.filter((other) => other !== event);
    undoButton.disabled = !undoable.length;
    await reload();
    document.body.dispatchEvent(new CustomEvent("saved"));
    toast(answer.message);
  });
}

function change(body) {
  return act(async () => {
    await flush();
    const neighbour = nextRow(body.anchor);
    const answer = await post(workspace.dataset.rows, body);
    await reload({ row: answer.row || neighbour });
    document.body.dispatchEvent(new CustomEvent("saved"));
    if (answer.event) offerUndo("已删除一行", answer.event);
  });
}

// Where to go when a row disappears: the row after it, or before.
function nextRow(anchor) {
  if (!anchor) return null;
  const kind = anchor.split("/")[0];
  const rows = [...new Set(inputs().map((input) => input.name.split("/").slice(0, 2).join("/")))];
  const same = rows.filter((row) => row.startsWith(`${kind}/`));
  const index = same.indexOf(anchor);
  return same[index + 1] ?? same[index - 1] ?? null;
}

function rowOf(input) {
  const parts = input.name?.split("/") ?? [];
  return parts[0] === "task" || parts[0] === "indicator" ? parts.slice(0, 2).join("/") : null;
}

sheet.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  if (button.dataset.action === "add") change({ action: "add", list: button.dataset.list });
  else change({ action: button.dataset.action, anchor: button.dataset.row });
});

sheet.addEventListener("keydown", (event) => {
  if (!event.altKey || !event.target.matches(".entry")) return;
  const anchor = rowOf(event.target);
  if (!anchor) return;
  if (event.key === "ArrowDown" && event.shiftKey) {
    change({ action: "add", list: listOf(anchor), anchor });
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    change({ action: event.key === "ArrowUp" ? "up" : "down", anchor });
  } else if (event.key === "Delete" || event.key === "Backspace") {
    change({ action: "remove", anchor });
  } else return;
  event.preventDefault();
});

// The list whose "add" button comes next after the row.
function listOf(anchor) {
  const row = sheet.querySelector(`button[data-row="${CSS.escape(anchor)}"]`).closest("tr, .row");
  const nested = anchor.startsWith("indicator/");
  for (let next = row.nextElementSibling; next; next = next.nextElementSibling) {
    const list = next.querySelector("button[data-action=add]")?.dataset.list;
    if (list && list.endsWith("indicators") === nested) return list;
  }
  return "";
}

undoButton.addEventListener("click", () => undoable.length && undo(undoable.at(-1)));
