// A session that ends in mid-edit: log in again in place, the text stays.

import { postForm } from "../http.js";

const dialog = document.getElementById("login-again");
const workspace = document.getElementById("workspace");
const form = dialog.querySelector("form");
const { username, password, code } = form.elements;
let waiting = null;

// Resolves once the same person is logged in again.
export function logInAgain() {
  waiting ??= new Promise((resolve) => {
    const problem = form.querySelector("[role=alert]");
    const focused = document.activeElement;
    const submit = async (event) => {
      event.preventDefault();
      problem.hidden = true;
      try {
        const answer = await ask();
        if (answer.code) {
          wantCode(true);
          return;
        }
        if (String(answer.user) !== workspace.dataset.user) {
          location.reload();
          return;
        }
        form.removeEventListener("submit", submit);
        wantCode(false);
        dialog.close();
        focused?.focus();
        waiting = null;
        document.body.dispatchEvent(new CustomEvent("session-renewed"));
        resolve();
      } catch (error) {
        if (error.code === "password") wantCode(false);
        problem.textContent = error.message;
        problem.hidden = false;
      }
    };
    form.addEventListener("submit", submit);
    dialog.showModal();
    password.focus();
  });
  return waiting;
}

function ask() {
  const { login, code: codeAddress } = workspace.dataset;
  if (!code.parentElement.hidden) return postForm(codeAddress, { code: code.value });
  return postForm(login, { username: username.value, password: password.value });
}

// First the name and the password; then, of who has a second factor, the code.
function wantCode(wanted) {
  code.parentElement.hidden = !wanted;
  code.required = wanted;
  code.value = "";
  for (const input of [username, password]) {
    input.parentElement.hidden = wanted;
    input.required = !wanted;
  }
  password.value = "";
  (wanted ? code : password).focus();
}

// What htmx asks for now and then would only be refused.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (dialog.open) event.preventDefault();
});
dialog.addEventListener("cancel", (event) => event.preventDefault());
document.body.addEventListener("session-ended", (event) => {
  event.preventDefault();
  logInAgain();
});
