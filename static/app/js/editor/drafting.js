// A first draft of a report's passage, made of the figures of the self-evaluation: into a blank
// passage, or over what is there once the question before it was answered.

import { post } from "../http.js";
import { act, offerUndo, reload } from "./rows.js";
import { find, flush } from "./saving.js";

const workspace = document.getElementById("workspace");
const sheet = document.getElementById("sheet");
const REPLACES = "这一段已经填写。用初稿替换原有内容吗？替换后可以撤销。";

sheet.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-draft]");
  if (!button) return;
  const anchor = button.dataset.draft;
  const replace = find(anchor).value.trim() !== "";
  if (replace && !button.dataset.confirmed) {
    button.dataset.confirm = REPLACES; // app.js asks, and clicks again
    return;
  }
  delete button.dataset.confirm;
  act(async () => {
    await flush();
    const { version } = find(anchor).dataset;
    const answer = await post(workspace.dataset.draft, { anchor, version, replace });
    await reload({ focus: anchor });
    document.body.dispatchEvent(new CustomEvent("saved"));
    offerUndo(answer.message, answer.event);
  });
});
