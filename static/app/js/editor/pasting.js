// A block copied from Excel or WPS goes into the cells; a single text into the one.

import { post } from "../http.js";
import { flush, put, putRefused } from "./saving.js";
import { act, offerUndo, reload } from "./rows.js";
import { toast } from "./toasts.js";

const workspace = document.getElementById("workspace");
const sheet = document.getElementById("sheet");

// The tab-separated text that spreadsheets put on the clipboard; quoted cells hold line breaks.
export function parseBlock(text) {
  const rows = [[]];
  let cell = "";
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let i = 0; i < source.length; i += 1) {
    const character = source[i];
    if (quoted) {
      if (character === '"' && source[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else if (character === '"') quoted = false;
      else cell += character;
    } else if (character === '"' && cell === "") quoted = true;
    else if (character === "\t" || character === "\n") {
      rows.at(-1).push(cell);
      cell = "";
      if (character === "\n") rows.push([]);
    } else cell += character;
  }
  rows.at(-1).push(cell);
  return rows;
}

// Whether the browser's own pasting would not do.
function isForUs(clipboard, input) {
  if (input.matches("select")) return true;
  const text = clipboard.getData("text/plain");
  if (text.includes("\t")) return true;
  const fromSheet = clipboard.getData("text/html").includes("<table");
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").includes("\n");
  return fromSheet || (lines && input.dataset.kind !== "text");
}

sheet.addEventListener("paste", (event) => {
  const input = event.target;
  if (!input.matches(".entry") || !isForUs(event.clipboardData, input)) return;
  event.preventDefault();
  const block = parseBlock(event.clipboardData.getData("text/plain"));
  if (block.length === 1 && block[0].length === 1) {
    if (input.matches("select")) put(input.name, block[0][0].trim());
    else {
      input.setRangeText(block[0][0], input.selectionStart, input.selectionEnd, "end");
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
    return;
  }
  paste(input.name, block);
});

function paste(anchor, block) {
  return act(async () => {
    await flush();
    const answer = await post(workspace.dataset.paste, { anchor, block });
    await reload({ focus: anchor });
    let wrong = 0;
    for (const outcome of answer.outcomes) {
      if (outcome.status === "saved") continue;
      wrong += 1;
      putRefused(outcome.anchor, answer.texts[outcome.anchor], outcome);
    }
    document.body.dispatchEvent(new CustomEvent("saved"));
    const parts = [`已粘贴 ${answer.outcomes.length - wrong} 格`];
    if (answer.added_rows) parts.push(`新增 ${answer.added_rows} 行`);
    if (wrong) parts.push(`${wrong} 格有误，已标出，尚未保存`);
    if (answer.left_over) parts.push(`${answer.left_over} 格超出表格，没有粘贴`);
    if (answer.event) offerUndo(parts.join("，"), answer.event);
    else toast(parts.join("，"));
  });
}
