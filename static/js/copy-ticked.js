// <button data-copy-ticked="units" data-copy-head="…" data-copy-foot="…" data-copy-done="… {count} …">
// copies the data-copy-line of every ticked box of that name, numbered, between head and foot, and
// says so in [data-copy-status] of its form. Where that fails the form is sent: its answer shows
// the text to be selected.
(() => {
  const format = new Intl.NumberFormat(document.documentElement.lang);

  const ticked = (button) =>
    [...button.form.querySelectorAll(`input[name="${button.dataset.copyTicked}"]:checked`)].map(
      (box) => box.dataset.copyLine,
    );

  document.querySelectorAll("[data-copy-ticked]").forEach((button) => {
    button.addEventListener("click", (event) => {
      const names = ticked(button);
      if (!names.length || !navigator.clipboard) return;
      event.preventDefault();
      const { copyHead, copyFoot, copyDone } = button.dataset;
      const lines = names.map((name, index) => `${index + 1}. ${name}`);
      const status = button.form.querySelector("[data-copy-status]");
      navigator.clipboard.writeText([copyHead, ...lines, copyFoot].join("\n")).then(
        () => (status.textContent = copyDone.replace("{count}", format.format(names.length))),
        () => {
          delete button.dataset.copyTicked;
          button.form.requestSubmit(button);
        },
      );
    });
  });
})();
