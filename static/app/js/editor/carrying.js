// Last year's content comes into the table, once the question before it was answered.

import { post } from "../http.js";
import { act, offerUndo, reload } from "./rows.js";
import { flush } from "./saving.js";

const button = document.getElementById("carry-over");

button?.addEventListener("click", () => {
  if (!button.dataset.confirmed) return;
  act(async () => {
    await flush();
    const answer = await post(button.dataset.url, {});
    await reload();
    document.body.dispatchEvent(new CustomEvent("saved"));
    offerUndo(answer.message, answer.event);
  });
});
