// The editor: the official table itself, filled in place.

import "./editor/carrying.js";
import "./editor/drafting.js";
import * as findings from "./editor/findings.js";
import "./editor/importing.js";
import "./editor/keys.js";
import "./editor/pasting.js";
import "./editor/scores.js";
import { offer } from "./editor/recovery.js";
import { act, reload } from "./editor/rows.js";
import { find, flush, hasUnsaved, inputs, note, put, save, savedText } from "./editor/saving.js";
import { toast } from "./editor/toasts.js";
import { attend } from "./evidence.js";

const workspace = document.getElementById("workspace");
const sheet = document.getElementById("sheet");
const side = document.getElementById("side");
const panelButton = document.getElementById("toggle-panel");
const helpLine = document.getElementById("help-line");

sheet.addEventListener("input", (event) => {
  if (!event.target.matches(".entry")) return;
  note(event.target);
  grow(event.target);
});

sheet.addEventListener("change", (event) => {
  if (event.target.matches("select.entry")) save(event.target);
});

sheet.addEventListener("focusout", (event) => {
  if (event.target.matches(".entry")) save(event.target);
});

sheet.addEventListener("focusin", (event) => {
  if (!event.target.matches(".entry")) return;
  const input = event.target;
  input.closest("td")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  showHelp(input);
  if (!side.hidden) showCell(input.name);
});

// What the cell one is in is called, what belongs there, and what is wrong with it.
function showHelp(input) {
  const [id] = (input.getAttribute("aria-describedby") ?? "").match(/help-\S+/) ?? [];
  const help = id && document.getElementById(id).textContent;
  const found = findings.inOneLine(input.name);
  // What is wrong comes first: on a small screen not all has room.
  helpLine.replaceChildren(
    input.getAttribute("aria-label") ?? "",
    ...(found.length ? ["　", ...found] : [help ? "：" : ""]),
    help ?? "",
  );
}

// The whole cell can be clicked, not only the text in its middle.
sheet.addEventListener("click", (event) => {
  if (event.target.matches("td")) event.target.querySelector(":scope > .entry.alone")?.focus();
});

// Long text grows with its cell; by script where the browser cannot by style.
const growsByItself = CSS.supports("field-sizing", "content");
function grow(input) {
  if (growsByItself || !input.matches("textarea")) return;
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight}px`;
}
const growAll = () => growsByItself || sheet.querySelectorAll("textarea").forEach(grow);
growAll();
new MutationObserver(growAll).observe(sheet, { childList: true });

// The panel, on demand: comments and history of the chosen cell.
let asked = null;
function showCell(anchor) {
  clearTimeout(asked);
  asked = setTimeout(() => {
    htmx.ajax("GET", `${workspace.dataset.panel}?cell=${encodeURIComponent(anchor)}`, {
      target: "#panel",
      swap: "innerHTML",
    });
  }, 250);
}

function showSide(shown) {
  side.hidden = !shown;
  workspace.classList.toggle("with-panel", shown);
  panelButton.setAttribute("aria-expanded", String(shown));
}
panelButton.addEventListener("click", () => showSide(side.hidden));

// Evidence of an item opens beside the table.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-evidence]");
  if (!link) return;
  event.preventDefault();
  clearTimeout(asked);
  showSide(true);
  await htmx.ajax("GET", link.href, { target: "#panel", swap: "innerHTML" });
  attend(document.getElementById("evidence-title"));
});

// Jumping to a cell: from the list of what is left to do, from a comment, from the address.
function jump(anchor) {
  const target = find(anchor) ?? document.getElementById(`cell-${anchor.replaceAll(/[/.]/g, "-")}`);
  if (!target) return false;
  target.focus();
  target.scrollIntoView({ block: "center" });
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-jump]");
  if (link && jump(link.dataset.jump)) event.preventDefault();
});

// From the outline's counts to the findings of a section.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-findings]");
  if (!link) return;
  event.preventDefault();
  showSide(true);
  const { findings: section, level } = link.dataset;
  const first = side.querySelector(`.finding[data-section="${section}"][data-level="${level}"]`);
  (first?.querySelector("a, textarea") ?? first)?.focus();
  first?.scrollIntoView({ block: "nearest" });
});

if (location.hash.startsWith("#cell-")) {
  const target = document.getElementById(location.hash.slice(1));
  target?.focus();
  target?.scrollIntoView({ block: "center" });
}

document.getElementById("keys").addEventListener("click", () => document.getElementById("keys-help").showModal());

// Submitting and importing first save what is still open.
for (const link of document.querySelectorAll("#submit, #import")) {
  link.addEventListener("click", async (event) => {
    if (!hasUnsaved()) return;
    event.preventDefault();
    await flush();
    if (hasUnsaved()) toast("还有内容没有保存，请先处理标出的单元格");
    else location.assign(link.href);
  });
}

// With the outline come the findings, and word of what others of the department changed
// meanwhile: it is drawn in; what one is typing stays.
let edited = document.querySelector("#outline ol")?.dataset.edited;
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "panel") findings.describeChosen();
  if (event.detail.target.id !== "outline") return;
  findings.refresh();
  if (document.activeElement.matches("#sheet .entry")) showHelp(document.activeElement);
  const state = document.querySelector("#outline ol").dataset;
  if (state.edited !== edited && state.by && state.by !== workspace.dataset.user) {
    act(() => reload()).then(() => toast(`${state.byName} 刚修改了这张表，已更新`));
  }
  edited = state.edited;
});

offer((anchor) => find(anchor)?.value, put);

// What was typed before this script was there.
for (const input of inputs().filter((i) => i.value !== savedText(i))) {
  note(input);
  if (input !== document.activeElement) save(input);
}
