// Moves between cells as in a spreadsheet.

import { neighbour } from "./grid.js";
import { inputs, note, savedText } from "./saving.js";

const sheet = document.getElementById("sheet");

export function go(from, direction) {
  const next = neighbour(from, inputs(), direction);
  if (!next) return false;
  next.focus();
  next.select?.();
  return true;
}

const isText = (input) => input.matches("textarea, input");
const atStart = (input) => input.selectionStart === 0 && input.selectionEnd === 0;
const atEnd = (input) => input.selectionStart === input.value.length;
const allSelected = (input) =>
  input.value !== "" && input.selectionStart === 0 && input.selectionEnd === input.value.length;

function onOneLine(input) {
  if (input.matches("input")) return true;
  const line = parseFloat(getComputedStyle(input).lineHeight);
  return input.scrollHeight < line * 2;
}

sheet.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.matches(".entry") || event.isComposing || event.altKey) return;
  const move = direction(input, event);
  if (move && go(input, move)) event.preventDefault();
  else if (event.key === "Enter" && input.dataset.kind !== "text") event.preventDefault();
  if (event.key === "Escape" && input.value !== savedText(input)) {
    input.value = savedText(input);
    note(input);
  }
});

function direction(input, event) {
  const long = input.dataset.kind === "text";
  switch (event.key) {
    case "Enter":
      if (long && !event.ctrlKey) return null;
      return event.shiftKey ? "up" : "down";
    case "ArrowUp":
      return isText(input) && (onOneLine(input) || atStart(input) || allSelected(input)) ? "up" : null;
    case "ArrowDown":
      return isText(input) && (onOneLine(input) || atEnd(input) || allSelected(input)) ? "down" : null;
    case "ArrowLeft":
      return !isText(input) || atStart(input) || allSelected(input) ? "left" : null;
    case "ArrowRight":
      return !isText(input) || (atEnd(input) && !event.shiftKey) || allSelected(input) ? "right" : null;
    default:
      return null;
  }
}
