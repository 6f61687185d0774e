// What one explains on the page of submission is kept as one leaves its field, so that following
// a link to a cell loses nothing. Where that fails it still goes with the form, whose answer says
// what is wrong.

import { post } from "./http.js";

const form = document.getElementById("explaining");
let saving = null;

async function keep(field) {
  const version = form.elements[`version/${field.name}`];
  const change = { anchor: field.name, text: field.value, version: version.value };
  const answer = await post(form.dataset.cells, { changes: [change] }).catch(() => null);
  const outcome = answer?.outcomes[0];
  if (outcome?.status === "saved") version.value = outcome.version;
}

form?.addEventListener("change", (event) => {
  const mine = keep(event.target).finally(() => saving === mine && (saving = null));
  saving = mine;
});

// The page that a link leads to is to show what was just written.
document.querySelector("main").addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (!link || !saving || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  await saving;
  location.assign(link.href);
});
