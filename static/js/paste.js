// <form data-paste> holds a table of <input data-cell="3">: a block of cells copied from Excel and
// pasted into one of them fills the cells to its right and the rows below. A cell that is not there
// (a figure that is known already) is passed over. One value is pasted as everywhere.
(() => {
  const rowsOf = (text) => text.replace(/\r/g, "").replace(/\n$/, "").split("\n");

  document.querySelectorAll("form[data-paste]").forEach((form) => {
    form.addEventListener("paste", (event) => {
      const start = event.target.closest("input[data-cell]");
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!start || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
      event.preventDefault();
      const rows = [...form.querySelectorAll("tr")].filter((row) => row.querySelector("[data-cell]"));
      const top = rows.indexOf(start.closest("tr"));
      const left = Number(start.dataset.cell);
      rowsOf(text).forEach((line, down) => {
        line.split("\t").forEach((value, along) => {
          const cell = rows[top + down]?.querySelector(`[data-cell="${left + along}"]`);
          if (cell) cell.value = value.trim();
        });
      });
      form.dispatchEvent(new Event("input"));
    });
  });
})();
