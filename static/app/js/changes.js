// From one change in a table to the next: with buttons, or Alt and the arrow keys.

const stepper = document.getElementById("stepper");
const step = document.getElementById("step");
const changes = () => [...document.querySelectorAll("#sheet .cell.changed")];

function go(by) {
  const all = changes();
  if (!all.length) return;
  const at = all.findIndex((cell) => cell === document.activeElement || cell.hasAttribute("data-here"));
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length;
  for (const cell of all) cell.removeAttribute("data-here");
  all[next].setAttribute("data-here", "");
  all[next].focus({ preventScroll: true });
  all[next].scrollIntoView({ block: "center", inline: "nearest" });
  step.textContent = `第 ${next + 1} 处，共 ${all.length} 处`;
}

if (stepper && changes().length) {
  stepper.hidden = false;
  stepper.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-step]");
    if (button) go(Number(button.dataset.step));
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.shiftKey || event.metaKey) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || event.target.matches("textarea, input, select")) return;
    event.preventDefault();
    go(by);
  });
}
