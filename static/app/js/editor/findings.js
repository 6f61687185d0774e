// What the checks find: listed beside the table, marked in its cells, each hint with room for
// an explanation. Comes anew with the outline after every save; what one is writing stays.

import { find, insist, note, putBack, save } from "./saving.js";

const sheet = document.getElementById("sheet");
const panel = document.getElementById("panel");
const list = () => document.getElementById("finding-list");
const items = () => [...list().children];
const cellOf = (anchor) => document.getElementById(`cell-${anchor.replaceAll(/[/.]/g, "-")}`);
const anchorsOf = (item) => item.dataset.anchors.split(" ").filter(Boolean);
const wordsOf = (item) => item.querySelector(".words").textContent;

export const isExplanation = (element) => element.matches("textarea.explanation");

const standing = (item) => item.classList[1]; // "must", "hint", or "settled": explained
const gravity = (item) => ["settled", "hint", "must"].indexOf(standing(item));
const gravestFirst = (some) => some.sort((one, other) => gravity(other) - gravity(one));
const found = (anchor) => gravestFirst(items().filter((item) => anchorsOf(item).includes(anchor)));
const sentence = (item) => `${item.dataset.label}：${wordsOf(item)}`;

// What is found in a cell, as elements of one line, the gravest first.
export function inOneLine(anchor) {
  return found(anchor).map((item) => {
    const words = document.createElement("strong");
    words.className = item.dataset.level;
    words.textContent = `${sentence(item)}　`;
    return words;
  });
}

// Takes over the fresh list that came with the outline.
export function refresh() {
  const fresh = document.getElementById("fresh-findings");
  if (!fresh) return;
  const known = new Set(items().map((item) => item.id));
  merge(fresh.content.getElementById("finding-list"));
  fresh.remove();
  putBack({ explanations: true });
  mark();
  tell(items().filter((item) => !known.has(item.id)));
}

// All items are exchanged, except that the one being written in is never touched: taking it
// out for a moment would lose the caret, and break what an input method is composing.
function merge(fresh) {
  const writing = document.activeElement.closest?.("#finding-list > li");
  const next = writing && fresh.querySelector(`#${writing.id}`);
  for (const item of items()) if (item !== writing) item.remove();
  if (!writing) {
    list().append(...fresh.children);
    return;
  }
  const all = [...fresh.children];
  const here = next ? all.indexOf(next) : all.length;
  writing.before(...all.slice(0, here));
  writing.after(...all.slice(here + 1));
  if (!next) return;
  writing.className = next.className;
  for (const part of [".told", ".by"]) {
    const old = writing.querySelector(part);
    if (old && !old.contains(document.activeElement)) old.replaceWith(next.querySelector(part));
  }
}

// Marks the cells of the table, and says in the panel what is found in the chosen one.
export function mark() {
  for (const cell of sheet.querySelectorAll("[data-finding]")) unmark(cell);
  for (const item of gravestFirst(items()).reverse()) {
    for (const anchor of anchorsOf(item)) {
      const cell = cellOf(anchor);
      if (cell && sheet.contains(cell) && !saysSoItself(cell)) put(cell, item);
    }
  }
  describeChosen();
}

// A blank required cell says 必填 in its own place.
const saysSoItself = (cell) => cell.matches("[aria-required]") && cell.value === "";

function put(cell, item) {
  cell.dataset.finding = standing(item);
  cell.title = found(cell.name ?? cell.dataset.anchor).map(sentence).join("\n");
  const words = `words-${item.id.slice("finding-".length)}`;
  cell.setAttribute("aria-describedby", [...helps(cell), words].join(" "));
}

function unmark(cell) {
  delete cell.dataset.finding;
  cell.removeAttribute("title");
  const rest = helps(cell).filter((id) => !id.startsWith("words-"));
  if (rest.length) cell.setAttribute("aria-describedby", rest.join(" "));
  else cell.removeAttribute("aria-describedby");
}

const helps = (cell) => (cell.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);

export function describeChosen() {
  const place = panel.querySelector(".cell-findings");
  if (!place) return;
  place.replaceChildren(...found(place.dataset.cell).map(inShort));
}

function inShort(item) {
  const short = document.createElement("li");
  short.className = item.className;
  short.append(item.querySelector(".level").cloneNode(true), document.createElement("p"));
  const words = short.lastChild;
  words.textContent = wordsOf(item);
  const field = item.querySelector("textarea");
  if (field) {
    const link = document.createElement("a");
    link.href = `#${field.id}`;
    link.textContent = field.value ? "查看说明" : "填写说明";
    words.append(" ", link);
  }
  return short;
}

// What is new is said aloud, for who cannot see the marks appear.
function tell(fresh) {
  if (!fresh.length) return;
  const more = fresh.length > 1 ? `，另有 ${fresh.length - 1} 处` : "";
  document.getElementById("found-now").textContent = sentence(fresh[0]) + more;
}

const findings = document.getElementById("findings");

findings.addEventListener("input", (event) => isExplanation(event.target) && note(event.target));
findings.addEventListener("focusout", (event) => isExplanation(event.target) && save(event.target));
findings.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && isExplanation(event.target)) save(event.target);
});
findings.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-confirms]");
  if (button) insist(find(button.dataset.confirms));
});

new MutationObserver(mark).observe(sheet, { childList: true });
mark();
