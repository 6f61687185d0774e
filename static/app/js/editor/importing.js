// An import that has just been applied can be undone here, as a paste can.

import { offerUndo } from "./rows.js";

const imported = document.querySelector(".messages .message[data-event]");
if (imported) {
  offerUndo(imported.textContent, Number(imported.dataset.event));
  imported.remove();
}
