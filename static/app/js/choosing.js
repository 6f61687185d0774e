// Lists of checkboxes: one box above them for all, and in long ones a field to search in.

const LONG = 12;

for (const list of document.querySelectorAll("fieldset:has(input[type=checkbox]):not(.fields)")) {
  const boxes = [...list.querySelectorAll("input[type=checkbox]")];
  const label = document.createElement("label");
  const all = document.createElement("input");
  const count = document.createElement("span");
  all.type = "checkbox";
  all.className = "form-check-input";
  count.className = "muted";
  label.className = "form-check choose-all";
  label.append(all, "全选 ", count);
  list.querySelector("legend").after(label);

  const shown = () => boxes.filter((box) => !box.closest("[hidden]"));
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    const here = shown();
    const chosenHere = here.filter((box) => box.checked).length;
    all.checked = here.length > 0 && chosenHere === here.length;
    all.indeterminate = chosenHere > 0 && !all.checked;
    const found = here.length < boxes.length ? `，搜到 ${here.length} 个` : "";
    count.textContent = `已选 ${chosen} 个，共 ${boxes.length} 个${found}`;
  };
  all.addEventListener("change", () => {
    for (const box of shown()) box.checked = all.checked;
    show();
  });
  if (list.matches(".choices") && boxes.length > LONG) list.querySelector("legend").after(searchField(boxes, show));
  list.addEventListener("change", show);
  window.addEventListener("pageshow", show); // the browser may have restored the boxes
  show();
}

function searchField(boxes, show) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "search";
  input.className = "form-control";
  label.className = "search";
  label.append("搜索 ", input);
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const box of boxes) {
      const line = box.closest(".form-check");
      line.hidden = !line.textContent.toLowerCase().includes(wanted);
    }
    show();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // not to send the form
  });
  return label;
}
