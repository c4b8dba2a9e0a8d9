// Draws every [data-chart] from the json_script it names: {data, layout}, made by a function of
// the server. A colour may be «var(--color-good)»: it is read from the style sheet, so that charts
// follow the theme. The numbers stand in a table below, which stays open without this script.
(() => {
  const CONFIG = {
    locale: document.documentElement.lang,
    responsive: true,
    displaylogo: false,
    displayModeBar: "hover",
    showSendToCloud: false,
    plotlyServerURL: "",
    modeBarButtons: [["toImage"]],
    toImageButtonOptions: { scale: 2 },
  };

  const vietnamese = () => {
    const months = [...Array(12).keys()].map((month) => `Tháng ${month + 1}`);
    const days = ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"];
    Plotly.register({
      moduleType: "locale",
      name: "vi",
      dictionary: { "Download plot as a PNG": "Tải ảnh", "Download plot": "Tải ảnh" },
      format: {
        decimal: ",",
        thousands: ".",
        grouping: [3],
        currency: ["", " ₫"],
        date: "%d/%m/%Y",
        dateTime: "%H:%M %d/%m/%Y",
        time: "%H:%M",
        months,
        shortMonths: months.map((_, month) => `Th${month + 1}`),
        days,
        shortDays: ["CN", "T2", "T3", "T4", "T5", "T6", "T7"],
      },
    });
  };

  const template = (colour) => {
    const axis = {
      automargin: true,
      gridcolor: colour("--chart-grid"),
      linecolor: colour("--chart-grid"),
      zerolinecolor: colour("--chart-path"),
      tickformat: ",d",
      ticks: "outside",
      ticklen: 6,
      tickcolor: "rgba(0,0,0,0)",
      fixedrange: true,
    };
    return {
      layout: {
        font: {
          family: getComputedStyle(document.body).fontFamily,
          size: 13,
          color: colour("--color-text-soft"),
        },
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        colorway: ["--chart-line", "--color-good", "--color-risk", "--color-late"].map(colour),
        margin: { t: 16, r: 16, b: 32, l: 16 },
        xaxis: axis,
        yaxis: axis,
        legend: { orientation: "h", x: 0, y: -0.15, yanchor: "top" },
        hoverlabel: {
          bgcolor: colour("--color-surface"),
          bordercolor: colour("--color-control"),
          font: { color: colour("--color-text") },
        },
        dragmode: false,
      },
    };
  };

  const resolve = (value, colour) => {
    if (typeof value === "string")
      return value.replace(/^var\((--[\w-]+)\)$/, (_, name) => colour(name));
    if (Array.isArray(value)) return value.map((item) => resolve(item, colour));
    if (value && typeof value === "object")
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, resolve(item, colour)]),
      );
    return value;
  };

  const draw = (plot) => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const source = JSON.parse(document.getElementById(plot.dataset.chart).textContent);
    const { data, layout } = resolve(source, colour);
    const size = matchMedia("print").matches ? { width: 640, autosize: false } : { autosize: true };
    return Plotly.react(plot, data, { ...layout, ...size, template: template(colour) }, CONFIG);
  };

  const plots = [...document.querySelectorAll("[data-chart]")];
  if (!plots.length || !globalThis.Plotly) return;
  vietnamese();
  plots.forEach((plot) => {
    plot.hidden = false;
    draw(plot);
    plot.closest("figure")?.querySelector("details[data-chart-table]")?.removeAttribute("open");
  });
  ["(prefers-color-scheme: dark)", "print"].forEach((media) =>
    matchMedia(media).addEventListener("change", () => plots.forEach(draw)),
  );
})();
