// «Được giao 5.493 · Đã phân bổ 5.373 · Còn lại 120» while numbers are typed.
//   <form data-allocation="5493"> … <input data-share> … <output data-allocated> <output data-left>
// A cell that cannot be read counts nothing; the server says so when it is saved.
(() => {
  const format = new Intl.NumberFormat(document.documentElement.lang);
  const numberIn = (cell) => {
    const text = cell.value.replace(/[\s.,]/g, "");
    return /^\d+$/.test(text) ? Number(text) : 0;
  };

  document.querySelectorAll("form[data-allocation]").forEach((form) => {
    const assigned = Number(form.dataset.allocation);
    const cells = [...form.querySelectorAll("input[data-share]")];
    const balance = form.querySelector("[data-balance]");
    const write = (name, number) =>
      form.querySelectorAll(`[data-${name}]`).forEach((output) => {
        output.textContent = format.format(number).replace("-", "\u2212");
      });
    form.addEventListener("input", () => {
      const allocated = cells.reduce((sum, cell) => sum + numberIn(cell), 0);
      write("allocated", allocated);
      write("left", assigned - allocated);
      balance.dataset.state = allocated === assigned ? "agrees" : "differs";
    });
  });
})();
