// A form is sent once. <form method="post" data-busy="Đang xử lý, vui lòng không đóng trang này.">
// says so while the server works. Runs after the browser's own validation, keeps the pressed button.
(() => {
  const UNLOCK_AFTER = 30000; // an answer that is a file leaves the page as it is

  const unlock = (form) => {
    delete form.dataset.sending;
    form.removeAttribute("aria-busy");
    form.querySelectorAll("[data-waiting]").forEach((button) => {
      button.disabled = false;
      delete button.dataset.waiting;
    });
    form.querySelectorAll(".busy").forEach((words) => words.remove());
  };

  const lock = (form, button) => {
    form.setAttribute("aria-busy", "true");
    form.querySelectorAll("button:not([type=button]):not(:disabled)").forEach((other) => {
      other.disabled = true;
      other.dataset.waiting = "";
    });
    if (!form.dataset.busy) return;
    const words = document.createElement("p");
    words.className = "busy";
    words.setAttribute("role", "status");
    (button?.parentElement ?? form).append(words);
    words.textContent = form.dataset.busy;
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
    if ("sending" in form.dataset) return event.preventDefault();
    form.dataset.sending = "";
    // Later: a disabled button would not be sent with its form.
    setTimeout(() => lock(form, event.submitter));
    setTimeout(() => unlock(form), UNLOCK_AFTER);
  });

  // Back from the next page, out of the browser's memory.
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("[data-sending]").forEach(unlock);
  });
})();
