// <form data-keep="report-TS-01-2024Q3" data-keep-version="3" data-keep-restored="words">: what is
// typed stays on this telephone until it is sent, also offline or when the session ends. It comes
// back only over the version of the report it was typed on. A page with
// <div data-keep-clear="report-TS-01-2024Q3"> says that it has arrived.
(() => {
  const PREFIX = "keep:";

  const read = (key) => {
    try {
      return JSON.parse(localStorage.getItem(PREFIX + key));
    } catch {
      return null;
    }
  };
  const write = (key, entry) => {
    try {
      localStorage.setItem(PREFIX + key, JSON.stringify(entry));
    } catch {
      // Private browsing: nothing is kept, the form works as without this script.
    }
  };
  const clear = (key) => {
    try {
      localStorage.removeItem(PREFIX + key);
    } catch {
      // as above
    }
  };

  const fieldsOf = (form) =>
    [...form.elements].filter(
      (field) => field.name && !field.matches("button, [type=hidden], [type=file], [type=password]"),
    );
  const isTick = (field) => field.matches("[type=checkbox], [type=radio]");
  const nameOf = (field) => (isTick(field) ? `${field.name}=${field.value}` : field.name);
  const valueOf = (field) => (isTick(field) ? field.checked : field.value);

  const valuesOf = (form) =>
    Object.fromEntries(fieldsOf(form).map((field) => [nameOf(field), valueOf(field)]));

  const restore = (form, values) => {
    const changed = fieldsOf(form).filter(
      (field) => nameOf(field) in values && values[nameOf(field)] !== valueOf(field),
    );
    changed.forEach((field) => {
      if (isTick(field)) field.checked = values[nameOf(field)];
      else field.value = values[nameOf(field)];
      field.closest("details")?.setAttribute("open", "");
    });
    if (changed.length) form.dispatchEvent(new Event("input"));
    return changed.length > 0;
  };

  const say = (form) => {
    if (!form.dataset.keepRestored) return;
    const words = document.createElement("p");
    words.className = "message message-warning";
    words.setAttribute("role", "status");
    form.prepend(words);
    words.textContent = form.dataset.keepRestored;
  };

  document.querySelectorAll("[data-keep-clear]").forEach((sign) => clear(sign.dataset.keepClear));

  document.querySelectorAll("form[data-keep]").forEach((form) => {
    const { keep: key, keepVersion: version = "" } = form.dataset;
    const kept = read(key);
    if (kept?.version === version && restore(form, kept.values)) say(form);
    else if (kept?.isSent) clear(key);
    const save = (isSent) => write(key, { version, values: valuesOf(form), isSent });
    form.addEventListener("input", (event) => event.target !== form && save(false));
    form.addEventListener("submit", () => save(true));
  });
})();
