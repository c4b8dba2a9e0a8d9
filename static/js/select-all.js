// <label hidden><input type="checkbox" data-select-all="reports"> …</label> ticks every box named
// «reports» of its form. <button data-select-words="Duyệt {count} báo cáo"> counts what is ticked;
// with data-select-total="231" those on other pages count as ticked; with
// data-select-only="[data-has-email]" only boxes of that kind count.
(() => {
  const format = new Intl.NumberFormat(document.documentElement.lang);

  const watch = (form) => {
    const masters = [...form.querySelectorAll("[data-select-all]")];
    const counters = [...document.querySelectorAll("[data-select-words]")].filter(
      (element) => element.form === form || form.contains(element),
    );
    const boxes = (master) =>
      [...form.querySelectorAll(`input[name="${master.dataset.selectAll}"]`)].filter(
        (box) => !box.disabled && inSameGroup(box, master),
      );
    const inSameGroup = (box, master) => {
      const group = master.closest("[data-select-group]");
      return !group || group.contains(box);
    };
    const refresh = () => {
      masters.forEach((master) => {
        const all = boxes(master);
        const ticked = all.filter((box) => box.checked).length;
        master.checked = all.length > 0 && ticked === all.length;
        master.indeterminate = ticked > 0 && ticked < all.length;
      });
      const all = [...new Set(masters.flatMap(boxes))];
      counters.forEach((element) => {
        const only = element.dataset.selectOnly ?? "*";
        const ticked = all.filter((box) => box.checked && box.matches(only)).length;
        const elsewhere = Math.max(0, (element.dataset.selectTotal ?? 0) - all.length);
        const count = ticked + elsewhere;
        element.textContent = element.dataset.selectWords.replace("{count}", format.format(count));
      });
    };
    masters.forEach((master) => {
      (master.closest("[hidden]") ?? master).hidden = false;
      master.addEventListener("change", () => {
        boxes(master).forEach((box) => (box.checked = master.checked));
      });
    });
    form.addEventListener("change", refresh);
    refresh();
  };

  new Set([...document.querySelectorAll("[data-select-all]")].map((box) => box.form)).forEach(watch);
})();
