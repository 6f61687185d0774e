// Reading a table: arrow keys go from cell to cell, the chosen one is marked.

import { neighbour } from "./editor/grid.js";

const sheet = document.getElementById("sheet");
const cells = () => [...sheet.querySelectorAll("a.cell")];

function choose(cell) {
  for (const other of cells()) {
    other.removeAttribute("aria-current");
    other.tabIndex = -1;
  }
  cell.tabIndex = 0;
}

const wanted = new URLSearchParams(location.search).get("cell");
const first = cells().find((cell) => cell.dataset.anchor === wanted) ?? cells()[0];
if (first) {
  choose(first);
  if (wanted) {
    first.setAttribute("aria-current", "true");
    first.scrollIntoView({ block: "center" });
  }
}

sheet.addEventListener("click", (event) => {
  const cell = event.target.closest("a.cell");
  if (!cell) return;
  choose(cell);
  cell.setAttribute("aria-current", "true");
});

sheet.addEventListener("focusin", (event) => {
  if (event.target.matches("a.cell")) {
    for (const other of cells()) other.tabIndex = other === event.target ? 0 : -1;
  }
});

sheet.addEventListener("keydown", (event) => {
  const direction = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" }[event.key];
  if (!direction || !event.target.matches("a.cell") || event.altKey || event.ctrlKey) return;
  const next = neighbour(event.target, cells(), direction);
  if (next) {
    event.preventDefault();
    next.focus();
  }
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "panel") return;
  const field = document.querySelector("#panel .comment-form textarea");
  if (field) field.focus();
  else document.getElementById("panel")?.focus();
});
