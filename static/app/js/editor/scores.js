// What the rules give comes back with what is saved; the rule's score can be taken over.

import { find, note, put, save } from "./saving.js";
import { toast } from "./toasts.js";

const sheet = document.getElementById("sheet");
if (document.getElementById("only-different")) import("../scoring.js");

document.body.addEventListener("scored", (event) => {
  const { verdicts, totals } = event.detail;
  document.getElementById("score-totals")?.replaceWith(element(totals));
  for (const [anchor, html] of Object.entries(verdicts)) {
    const verdict = sheet.querySelector(`[data-verdict="${CSS.escape(anchor)}"]`);
    if (!verdict) continue;
    const held = verdict.contains(document.activeElement);
    verdict.innerHTML = html;
    if (held) verdict.querySelector("button")?.focus();
  }
});

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

// As if it had been typed, so that the browser's own undo works, too.
sheet.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-take]");
  const input = button && find(button.dataset.take);
  if (!input) return;
  const { take, score } = button.dataset;
  const before = input.value;
  input.focus();
  input.select();
  if (!document.execCommand("insertText", false, score)) input.value = score;
  note(input);
  save(input);
  const was = before ? `，原为 ${before} 分` : "";
  toast(`已采用规则得分 ${score} 分${was}`, "撤销", () => {
    put(take, before);
    find(take)?.focus();
  });
});
