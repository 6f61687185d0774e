// Short notices at the foot of the page, with at most one thing to do.

const SHOWN_FOR = 20_000;

export function toast(message, label, action) {
  const box = document.createElement("div");
  box.className = "toast";
  const text = document.createElement("p");
  text.textContent = message;
  box.append(text);
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = label ?? "关闭";
  close.addEventListener("click", () => {
    box.remove();
    action?.();
  });
  box.append(close);
  const toasts = document.getElementById("toasts");
  while (toasts.children.length > 1) toasts.firstChild.remove();
  toasts.append(box);
  setTimeout(() => box.remove(), SHOWN_FOR);
}
