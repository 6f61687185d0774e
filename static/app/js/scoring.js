// Shows only the scored items in which self and rule score differ, and the headings above them.
// Cells that span several rows are made to span those that are left.

const sheet = document.getElementById("sheet");
const only = document.getElementById("only-different");
const told = document.getElementById("filtered");

const itemOf = (row) => row.dataset.scored;
const isHeading = (row) => !itemOf(row) && [...row.cells].every((cell) => cell.matches("th, td.tools"));
let moved = []; // what a filter changed, to be put back: [cell, its row, the cell after it, its span]

// Each cell with the row and the column in which it begins.
function places(rows) {
  const taken = rows.map(() => new Set());
  const found = [];
  rows.forEach((row, number) => {
    let column = 0;
    for (const cell of row.cells) {
      while (taken[number].has(column)) column += 1;
      found.push({ cell, number, column, span: cell.rowSpan });
      for (let r = number; r < Math.min(number + cell.rowSpan, rows.length); r += 1) {
        for (let c = column; c < column + cell.colSpan; c += 1) taken[r].add(c);
      }
      column += cell.colSpan;
    }
  });
  return found;
}

function shownRows(rows) {
  const different = new Set(
    rows.filter((row) => row.querySelector(".verdict .differs")).map(itemOf),
  );
  const shown = new Set(rows.filter((row) => different.has(itemOf(row))));
  rows.forEach((row, number) => {
    if (!isHeading(row)) return;
    const below = rows.slice(number + 1);
    const next = below.find((other) => !isHeading(other));
    const end = below.findIndex((other, at) => isHeading(other) && at > below.indexOf(next));
    const part = end < 0 ? below : below.slice(0, end);
    if (next && itemOf(next) && part.some((other) => shown.has(other))) shown.add(row);
  });
  return [shown, different.size];
}

function filter() {
  const rows = [...sheet.querySelectorAll("table.form > tbody > tr")];
  const [shown, count] = shownRows(rows);
  const found = places(rows);
  for (const { cell, number, column, span } of found) {
    if (span === 1) continue;
    const left = rows.slice(number, number + span).filter((row) => shown.has(row));
    if (!left.length) continue;
    moved.push([cell, cell.parentElement, cell.nextElementSibling, span]);
    cell.rowSpan = left.length;
    cell.classList.add("shortened");
    if (left[0] === cell.parentElement) continue;
    const inRow = found.filter((place) => place.cell.parentElement === left[0]);
    const after = inRow.find((place) => place.column > column);
    left[0].insertBefore(cell, after?.cell ?? null);
  }
  for (const row of rows) row.hidden = !shown.has(row);
  told.textContent = count ? `只显示有差异的 ${count} 项` : "没有有差异的项";
  sheet.classList.toggle("nothing-differs", !count);
}

function showAll() {
  for (const [cell, row, next, span] of moved.reverse()) {
    cell.rowSpan = span;
    cell.classList.remove("shortened");
    if (cell.parentElement !== row) row.insertBefore(cell, next);
  }
  moved = [];
  for (const row of sheet.querySelectorAll("tr[hidden]")) row.hidden = false;
  sheet.classList.remove("nothing-differs");
  told.textContent = "";
}

only.addEventListener("change", () => {
  showAll();
  if (only.checked) {
    told.textContent = "";
    filter();
  } else told.textContent = "显示全部";
  // what stays put above it would hide its beginning
  const head = document.querySelector(".sheet-head");
  if (sheet.getBoundingClientRect().top < head.getBoundingClientRect().bottom) sheet.scrollIntoView();
});
if (only.checked) filter(); // as the browser remembers it

// Drawn anew, the table is whole.
new MutationObserver(() => {
  moved = [];
  if (only.checked) filter();
}).observe(sheet, { childList: true });

// To a cell that is hidden one comes nevertheless: from a finding, a comment, the address.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-jump], a[data-findings]");
  const cell = link?.dataset.jump && document.getElementById(`cell-${link.dataset.jump.replaceAll(/[/.]/g, "-")}`);
  if (!cell?.closest("tr[hidden]")) return;
  only.checked = false;
  showAll();
}, { capture: true });

// An answer that does not come is said where it was waited for.
for (const name of ["htmx:sendError", "htmx:responseError"]) {
  document.body.addEventListener(name, (event) => {
    const form = event.target.closest?.(".scoring form");
    if (!form) return;
    const line = form.querySelector(".unsent") ?? document.createElement("p");
    line.className = "message error unsent";
    line.setAttribute("role", "alert");
    line.textContent =
      event.detail.xhr?.status === 401
        ? "没有保存：登录已过期，请在新的窗口登录后再次保存"
        : "没有保存：服务器暂时无法响应，请稍后再次保存";
    form.prepend(line);
  });
}
