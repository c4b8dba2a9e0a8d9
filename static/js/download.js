// <form method="post" data-download data-busy="Đang xử lý …"> whose answer is a file: the file is
// saved and the page loads again, so that its message about it is read. Without this script the
// browser saves the file itself, and the message stands on the next page.
(() => {
  const nameOf = (answer) =>
    /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];

  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  const wait = (form) => {
    form.setAttribute("aria-busy", "true");
    form.querySelectorAll("button").forEach((button) => (button.disabled = true));
    const words = document.createElement("p");
    words.className = "busy";
    words.setAttribute("role", "status");
    form.append(words);
    words.textContent = form.dataset.busy ?? "";
  };

  document.querySelectorAll("form[data-download]").forEach((form) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = new URLSearchParams(new FormData(form));
      wait(form);
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      const name = answer.ok && nameOf(answer);
      if (name) save(await answer.blob(), name);
      location.reload(); // after a redirect or an error too: the page says why
    });
  });
})();
