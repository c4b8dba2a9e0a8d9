// The running sum of the report form: opening + … − … = closing, before it is sent.
//   <form data-sum>
//     <input data-plus="admitted">  <input data-minus="left">  <input data-closing>
//     <output class="sum" data-sum-output data-opening="195" hidden
//       data-words="{opening} đầu quý + {admitted} kết nạp − {left} giảm = {sum}."
//       data-more="Đồng chí nhập {closing}, nhiều hơn {difference}." data-less="…" data-agrees="Khớp.">
// Fields of the same word are added up; {plus} and {minus} are all of them. A sum without an
// opening figure (data-opening="") reads it from <input data-opening-field>. What stands in square
// brackets is left out while its figure is 0: «[, điều chỉnh {adjustment}]».
(() => {
  const format = new Intl.NumberFormat(document.documentElement.lang);

  const numberIn = (field) => {
    const text = (field?.value ?? "").replace(/[\s.,]/g, "").replace("\u2212", "-");
    return /^[-+]?\d+$/.test(text) ? Number(text) : null;
  };

  const sums = (fields, attribute) => {
    const found = {};
    fields.forEach((field) => {
      const word = field.dataset[attribute];
      found[word] = (found[word] ?? 0) + (numberIn(field) ?? 0);
    });
    return found;
  };
  const total = (found) => Object.values(found).reduce((a, b) => a + b, 0);
  const withoutZeros = (words, values) =>
    words.replace(/\[([^\]]*\{(\w+)\}[^\]]*)\]/g, (_, part, name) => (values[name] ? part : ""));
  const fill = (words, values) =>
    withoutZeros(words ?? "", values).replace(/\{(\w+)\}/g, (whole, name) =>
      name in values ? format.format(values[name]).replace("-", "\u2212") : whole,
    );

  document.querySelectorAll("form[data-sum]").forEach((form) => {
    const output = form.querySelector("[data-sum-output]");
    if (!output) return;

    const refresh = () => {
      const plus = sums(form.querySelectorAll("[data-plus]"), "plus");
      const minus = sums(form.querySelectorAll("[data-minus]"), "minus");
      const known = output.dataset.opening || form.querySelector("[data-opening-field]")?.value;
      const opening = numberIn({ value: known });
      const closing = numberIn(form.querySelector("[data-closing]"));
      output.hidden = opening === null;
      if (opening === null) return;
      const sum = opening + total(plus) - total(minus);
      const difference = closing === null ? 0 : Math.abs(closing - sum);
      const values = { ...plus, ...minus, opening, sum, closing, difference };
      values.plus = total(plus);
      values.minus = total(minus);
      const state =
        closing === null ? "" : closing > sum ? "more" : closing < sum ? "less" : "agrees";
      output.dataset.state = state && (state === "agrees" ? "agrees" : "differs");
      const { words, more, less, agrees } = output.dataset;
      output.textContent = [words, { more, less, agrees }[state]]
        .filter(Boolean)
        .map((part) => fill(part, values))
        .join(" ");
    };

    let waiting;
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(refresh, 300);
    });
    // The server has just said the same under the field.
    if (!form.querySelector("[data-closing][aria-invalid]")) refresh();
  });
})();
