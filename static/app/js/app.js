// On every page: tokens for htmx, questions before what cannot be undone, no double submits.

import { csrfToken } from "./http.js";

document.body.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
});

const dialog = document.getElementById("confirm");

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-confirm]");
  if (!button || button.dataset.confirmed) return;
  event.preventDefault();
  document.getElementById("confirm-question").textContent = button.dataset.confirm;
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue !== "yes") return;
      button.dataset.confirmed = "yes";
      button.click();
      delete button.dataset.confirmed;
    },
    { once: true },
  );
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || "again" in form.dataset) return; // a download leaves the page
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  // Who has logged in again in another tab since has another token.
  if (form.elements.csrfmiddlewaretoken) form.elements.csrfmiddlewaretoken.value = csrfToken();
  form.dataset.sent = "yes";
});

// A page that comes back from the browser's cache may be submitted again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// An address says only what a list is filtered by.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches(".filters")) return;
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("button[data-print]")) window.print();
});

// What sticks below the bar keeps clear of it, however many lines the bar has.
const bar = document.querySelector(".bar");
if (bar) {
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--bar-height", `${bar.offsetHeight}px`);
  }).observe(bar);
}

// The way back from a declaration leads to the list it was found in, filtered as it was.
const LIST = "list";
const list = document.querySelector("[data-list][data-title]");
if (list) sessionStorage.setItem(LIST, JSON.stringify([list.dataset.list, list.dataset.title]));
if (!document.querySelector("header nav")) sessionStorage.removeItem(LIST); // nobody is logged in
const back = document.querySelector("a[data-back]");
const left = JSON.parse(sessionStorage.getItem(LIST));
if (back && left) [back.href, back.textContent] = left;
