// Lists of checkboxes: one box above them for all.

for (const list of document.querySelectorAll("fieldset:has(input[type=checkbox])")) {
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

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
    count.textContent = `已选 ${chosen} 个，共 ${boxes.length} 个`;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  list.addEventListener("change", show);
  window.addEventListener("pageshow", show); // the browser may have restored the boxes
  show();
}
