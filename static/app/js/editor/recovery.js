// Keeps what is not saved yet in the browser, so that a closed tab loses nothing.

const workspace = document.getElementById("workspace");
const KEY = `unsaved:${workspace.dataset.user}:${workspace.dataset.declaration}`;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function write(kept) {
  try {
    if (Object.keys(kept).length) localStorage.setItem(KEY, JSON.stringify(kept));
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is full or forbidden: the warning before leaving the page still stands.
  }
}

export function keep(anchor, text, name) {
  write({ ...read(), [anchor]: { text, name } });
}

export function forget(anchor) {
  const kept = read();
  if (!(anchor in kept)) return;
  delete kept[anchor];
  write(kept);
}

// Offers what an earlier visit could not save, if it is not what is there now;
// `current(anchor)` gives that, `restore(anchor, text)` puts the text back.
export function offer(current, restore) {
  const kept = Object.entries(read()).filter(([anchor, { text }]) => current(anchor) !== text);
  if (!kept.length) {
    write({});
    return;
  }
  const dialog = document.getElementById("recover");
  const list = dialog.querySelector("ul");
  for (const [, { text, name }] of kept) {
    const item = document.createElement("li");
    item.textContent = `${name}：${text.length > 80 ? `${text.slice(0, 80)}…` : text || "（清空）"}`;
    list.append(item);
  }
  dialog.addEventListener("close", () => {
    write({});
    if (dialog.returnValue === "discard") return;
    for (const [anchor, { text }] of kept) restore(anchor, text);
  });
  dialog.showModal();
}
