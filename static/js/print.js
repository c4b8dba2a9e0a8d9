// <button type="button" data-print hidden>: without this script people print by the browser's menu.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
