// Bringing a workbook: chosen or dropped, with its progress shown. Without this script the
// form is sent as any other.

import { csrfToken } from "./http.js";

const form = document.getElementById("upload-form");
const input = document.getElementById("workbook");
const drop = document.getElementById("drop");
const state = document.getElementById("upload-state");
const bar = document.getElementById("upload-progress");
const problem = document.getElementById("upload-problem");

const isFile = (event) => event.dataTransfer?.types.includes("Files");

// Anywhere on the page: a file dropped beside the field would otherwise open in its place.
document.addEventListener("dragover", (event) => {
  if (!isFile(event) || !form) return;
  event.preventDefault();
  drop.classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) drop?.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  if (!isFile(event) || !form) return;
  event.preventDefault();
  drop.classList.remove("over");
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change"));
});

input?.addEventListener("change", () => {
  say("");
  const file = input.files[0];
  if (file) check(file);
});

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  delete form.dataset.sent; // what the page does against sending twice; here `busy` does
  const file = input.files[0];
  if (file && check(file)) send(file);
});

// Whether a file is worth sending; says why not.
function check(file) {
  const largest = Number(form.dataset.largest);
  if (file.size > largest) say(`文件 ${megabytes(file.size)} MB，超过 ${megabytes(largest)} MB，请删去其中的图片等无关内容`);
  else if (file.size === 0) say("这是一个空文件，请重新选择");
  else return true;
  return false;
}

const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(1).replace(/\.0$/, "");

function say(text) {
  problem.textContent = text;
  problem.hidden = !text;
}

function show(text, percent) {
  state.textContent = text;
  bar.hidden = !text;
  if (percent === undefined) bar.removeAttribute("value");
  else bar.value = percent;
}

let busy = false;

function send(file) {
  if (busy) return;
  busy = true;
  say("");
  const body = new FormData();
  body.append("workbook", file);
  const request = new XMLHttpRequest(); // fetch does not tell how far an upload has come
  request.open("POST", form.action);
  request.responseType = "json";
  request.setRequestHeader("X-Requested-With", "fetch");
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    const percent = Math.round((event.loaded / event.total) * 100);
    if (percent < 100) show(`正在上传 ${percent}%`, percent);
    else show("已上传，正在读取和核对，请稍候…");
  });
  request.addEventListener("load", () => {
    if (request.status === 200 && request.response?.location) {
      location.assign(request.response.location);
      return;
    }
    stop(request.response?.message ?? `服务器暂时无法处理（${request.status}），请稍后重试`);
  });
  request.addEventListener("error", () => stop("无法连接服务器，文件没有上传，请重试"));
  show("正在上传", 0);
  request.send(body);
}

function stop(message) {
  busy = false;
  show("");
  say(message);
}

window.addEventListener("pageshow", () => {
  busy = false;
  if (form) show("");
});
