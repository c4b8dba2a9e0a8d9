// [data-keys] holds a queue and what stands beside it. While the focus is inside, j and k go to
// the next and the last item, Enter opens it (as for any link), and a button with data-key="n" is
// pressed by that key. Outside of it the letters stay the reader's own.
(() => {
  const isTyping = (element) => element.matches("input:not([type=checkbox]), textarea, select");

  const step = (items, by) => {
    const here = items.indexOf(document.activeElement);
    const current = items.findIndex((item) => item.hasAttribute("aria-current"));
    const next = here >= 0 ? here + by : current >= 0 ? current + by : 0;
    items[Math.max(0, Math.min(items.length - 1, next))]?.focus();
  };

  document.querySelectorAll("[data-keys]").forEach((region) => {
    region.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const items = [...region.querySelectorAll(".queue-item")];
      const pressed = region.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (event.key === "j") step(items, 1);
      else if (event.key === "k") step(items, -1);
      else if (pressed) pressed.click();
      else return;
      event.preventDefault();
      sessionStorage.setItem("keys", "used");
    });
    // Who works by keys goes on at the report that is open.
    if (sessionStorage.getItem("keys") && document.activeElement === document.body)
      region.querySelector(".queue-item[aria-current]")?.focus({ preventScroll: true });
  });
})();
