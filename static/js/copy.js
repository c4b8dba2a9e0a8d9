// [data-copy] holds a text area and a hidden button that copies it; [data-copy-status] says that it
// was done. Where the browser forbids the clipboard the text is selected instead.
(() => {
  const copied = async (area) => {
    area.select();
    try {
      await navigator.clipboard.writeText(area.value);
      return true;
    } catch {
      return document.execCommand("copy"); // a page without https has no clipboard
    }
  };

  document.querySelectorAll("[data-copy]").forEach((box) => {
    const button = box.querySelector("[data-copy-button]");
    const status = box.querySelector("[data-copy-status]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      status.textContent = "";
      const isDone = await copied(box.querySelector("textarea"));
      status.textContent = isDone ? button.dataset.copyDone : button.dataset.copyFailed;
    });
  });
})();
