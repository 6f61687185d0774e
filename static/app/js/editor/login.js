// A session that ends in mid-edit: log in again in place, the text stays.

import { postForm } from "../http.js";

const dialog = document.getElementById("login-again");
const workspace = document.getElementById("workspace");
let waiting = null;

// Resolves once the same person is logged in again.
export function logInAgain() {
  waiting ??= new Promise((resolve) => {
    const form = dialog.querySelector("form");
    const problem = form.querySelector("[role=alert]");
    const focused = document.activeElement;
    const submit = async (event) => {
      event.preventDefault();
      problem.hidden = true;
      try {
        const answer = await postForm(workspace.dataset.login, Object.fromEntries(new FormData(form)));
        if (String(answer.user) !== workspace.dataset.user) {
          location.reload();
          return;
        }
        form.removeEventListener("submit", submit);
        form.elements.password.value = "";
        dialog.close();
        focused?.focus();
        waiting = null;
        resolve();
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
      }
    };
    form.addEventListener("submit", submit);
    dialog.showModal();
    form.elements.password.focus();
  });
  return waiting;
}

dialog.addEventListener("cancel", (event) => event.preventDefault());
