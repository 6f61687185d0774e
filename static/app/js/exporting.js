// Choosing what is exported: what has changed since it was counted cannot be begun.

const form = document.querySelector("form.exported");

form.addEventListener("input", () => {
  const start = document.getElementById("start");
  if (start) start.disabled = true; // until the new count is there
});
