// Asks before the server logs out who does nothing: on every page of somebody who is logged in.
//
// Typing, clicking and scrolling are work, though nothing is sent: the server is told now and then.
// All tabs share one clock, so that none warns while another is worked in.

import { Unreachable, postForm } from "./http.js";

const WARN_BEFORE = 120_000; // milliseconds before the end
const TELL_EVERY = 60_000;
const CLOCK = "jixiao-last-seen";

const { idleMinutes, alive, login } = document.body.dataset;
const allowed = Number(idleMinutes) * 60_000;
const dialog = document.getElementById("idle");
const loggedOut = document.getElementById("logged-out");
const left = dialog.querySelector(".left");
const stay = dialog.querySelector("[value=stay]");
let told = Date.now(); // when the server last heard of this page
let ended = false;

function seen() {
  localStorage.setItem(CLOCK, String(Date.now()));
}

function idleFor() {
  return Date.now() - Math.max(told, Number(localStorage.getItem(CLOCK) ?? 0));
}

// Tells the server that somebody is here.
async function tell() {
  told = Date.now();
  seen();
  try {
    await postForm(alive, {});
    return true;
  } catch (error) {
    if (error instanceof Unreachable) return true; // perhaps it is back before the end
    end();
    return false;
  }
}

function work() {
  if (dialog.open || ended || Date.now() - told < TELL_EVERY) return;
  tell();
}
for (const event of ["keydown", "input", "pointerdown", "wheel", "touchmove"]) {
  document.addEventListener(event, work, { passive: true });
}

function look() {
  if (ended) return;
  const remaining = allowed - idleFor();
  if (remaining <= 0) end();
  else if (remaining <= WARN_BEFORE) warn(remaining);
  else if (dialog.open) dialog.close();
}

// The time left changes every second in sight, and is read aloud only at the beginning.
function warn(remaining) {
  const seconds = Math.ceil(remaining / 1000);
  left.textContent = seconds >= 60 ? `${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒` : `${seconds} 秒`;
  if (dialog.open) return;
  dialog.showModal();
  stay.focus();
}

// The editor asks to log in in place; a page with something filled in stays; others go to the login.
function end() {
  if (ended) return;
  ended = true;
  if (dialog.open) dialog.close();
  const event = new CustomEvent("session-ended", { cancelable: true });
  if (!document.body.dispatchEvent(event)) return;
  if (isFilledIn()) loggedOut.showModal();
  else location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
}

function isFilledIn() {
  return [...document.querySelectorAll("main textarea, main input:not([type=hidden])")].some((input) =>
    /^(checkbox|radio)$/.test(input.type) ? input.checked !== input.defaultChecked : input.value !== input.defaultValue,
  );
}

dialog.addEventListener("close", () => {
  if (!ended && idleFor() > TELL_EVERY) tell();
});
document.body.addEventListener("session-renewed", () => {
  ended = false;
  told = Date.now();
  seen();
});
document.addEventListener("visibilitychange", look);
seen();
setInterval(look, 1000);
