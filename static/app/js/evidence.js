// Evidence files: chosen or dropped, sent one by one with progress, removed and brought back in
// place. Without this script the forms are sent as any others.

import { csrfToken } from "./http.js";

const isFile = (event) => event.dataTransfer?.types.includes("Files");
const formOf = (node) => node.closest?.(".evidence")?.querySelector(".evidence-form");
const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(1).replace(/\.0$/, "");

// The focus goes there; the table beside it stays where it is, if both can be seen.
export function attend(element) {
  element?.focus({ preventScroll: true });
  const { top, bottom } = element?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
  if (top < 0 || bottom > window.innerHeight) element.scrollIntoView({ block: "center" });
}

// A file dropped beside the field would otherwise open in place of the page.
document.addEventListener("dragover", (event) => {
  if (!isFile(event) || !document.querySelector(".evidence-form")) return;
  event.preventDefault();
  formOf(event.target)?.querySelector(".drop").classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget?.closest(".evidence")) rest();
});
document.addEventListener("drop", (event) => {
  if (!isFile(event) || !document.querySelector(".evidence-form")) return;
  event.preventDefault();
  rest();
  const form = formOf(event.target);
  if (form) sendAll(form, [...event.dataTransfer.files]);
});

function rest() {
  for (const drop of document.querySelectorAll(".evidence .drop.over")) drop.classList.remove("over");
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches(".evidence-form")) return;
  event.preventDefault();
  delete event.target.dataset.sent; // what the page does against sending twice; here `busy` does
  sendAll(event.target, [...event.target.elements.files.files]);
});

let busy = false;

// One request for each, so that one that is refused keeps no other from being taken.
async function sendAll(form, files) {
  if (busy || !files.length) return;
  busy = true;
  const section = form.closest(".evidence");
  const bar = form.querySelector("progress");
  const said = [];
  for (const [index, file] of files.entries()) {
    tell(section, [["", `正在上传 ${index + 1} / ${files.length}：${file.name}`]]);
    bar.hidden = false;
    said.push(...(await send(form, file, (percent) => (bar.value = percent))));
  }
  busy = false;
  bar.hidden = true;
  form.elements.files.value = "";
  const { url, at } = section.dataset;
  await htmx.ajax("GET", `${url}?at=${encodeURIComponent(at)}`, { target: section, swap: "innerHTML" });
  tell(section, said);
}

// What is said of a file: pairs of a level and a text.
function send(form, file, progress) {
  const largest = Number(form.dataset.largest);
  if (file.size > largest) {
    return [["error", `“${file.name}”没有上传：文件 ${megabytes(file.size)} MB，超过 ${megabytes(largest)} MB；请压缩，或者分成几个文件。`]];
  }
  const body = new FormData();
  body.append("at", form.elements.at.value);
  body.append("files", file);
  return new Promise((resolve) => {
    const failed = (why) => resolve([["error", `“${file.name}”没有上传：${why}。`]]);
    const request = new XMLHttpRequest(); // fetch does not tell how far an upload has come
    request.open("POST", form.action);
    request.responseType = "json";
    request.setRequestHeader("X-Requested-With", "fetch");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress(Math.round((event.loaded / event.total) * 100));
    });
    request.addEventListener("load", () => {
      const { outcomes, message } = request.response ?? {};
      if (outcomes) resolve(outcomes.map((o) => [o.kept ? "success" : "error", o.message]));
      else failed(message ?? `服务器暂时无法处理（${request.status}），请稍后重试`);
    });
    request.addEventListener("error", () => failed("无法连接服务器，请重试"));
    request.send(body);
  });
}

function tell(section, said) {
  const place = section.querySelector(".evidence-said");
  place.replaceChildren(
    ...said.map(([level, text]) => {
      const line = document.createElement("p");
      line.className = level ? `message ${level}` : "muted";
      line.textContent = text;
      return line;
    }),
  );
}

// What was pressed is gone with the old list: the focus goes to what is said of it. Wherever
// else the page says how many files there are, it says so anew.
document.body.addEventListener("htmx:afterSettle", (event) => {
  const section = event.detail.target;
  if (!section.matches?.(".evidence")) return;
  if (document.activeElement === document.body) attend(section.querySelector(".evidence-said"));
  const count = section.querySelectorAll(":scope > .files > li").length;
  for (const link of document.querySelectorAll("a[data-evidence]")) {
    if (link.dataset.evidence === section.dataset.at) link.querySelector("span").textContent = count;
  }
});
