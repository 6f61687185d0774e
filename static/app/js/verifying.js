// Lets a file be dropped on the form that verifies it; without this the form asks for it as ever.

const form = document.querySelector("[data-drop]");
if (form) makeDroppable(form);

function makeDroppable(form) {
  const input = form.querySelector("input[type=file]");
  const said = form.querySelector("[role=status]");
  const most = Number(form.dataset.drop);
  const hint = form.querySelector("[hidden]");
  form.classList.add("ready");
  hint.hidden = false;

  // A file dropped beside the form would be opened instead of the page.
  for (const kind of ["dragover", "drop"]) {
    window.addEventListener(kind, (event) => event.preventDefault());
  }
  let depth = 0;
  const leave = () => form.classList.toggle("over", depth > 0);
  form.addEventListener("dragenter", () => { depth += 1; leave(); });
  form.addEventListener("dragleave", () => { depth -= 1; leave(); });
  form.addEventListener("drop", (event) => {
    depth = 0;
    leave();
    const files = event.dataTransfer.files;
    if (files.length !== 1) {
      said.textContent = files.length ? "一次只能核验一个文件。" : "拖来的不是文件。";
      return;
    }
    input.files = files;
    form.requestSubmit();
  });
  input.addEventListener("change", () => { said.textContent = ""; });
  form.addEventListener("submit", (event) => {
    const file = input.files[0];
    if (file && file.size > most) {
      event.preventDefault();
      said.textContent = `文件超过 ${Math.round(most / 1048576)} MB，公开的文件都没有这么大，这份文件不会是这里公开的。`;
      return;
    }
    said.textContent = file ? `正在核验 ${file.name} …` : "";
  });
  // Coming back to the page, it must not go on saying so.
  window.addEventListener("pageshow", () => { said.textContent = ""; });
}
