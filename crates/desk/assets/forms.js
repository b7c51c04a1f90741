// Forms of the settings: what was changed and not saved is not left without a warning. And buttons that copy a link.
(() => {
  const SENT = "masthead-sent-form";
  // A button that does not save leads to the page again, with what was entered. A save leads on to another request.
  const [page] = performance.getEntriesByType("navigation");
  const unsaved = page?.redirectCount === 0 ? sessionStorage.getItem(SENT) : null;
  sessionStorage.removeItem(SENT);

  const values = (form) => new URLSearchParams(new FormData(form)).toString();
  const watch = (form) => {
    const known = values(form);
    let isSent = false;
    form.addEventListener("submit", () => {
      isSent = true;
      sessionStorage.setItem(SENT, form.action);
    });
    window.addEventListener("pageshow", () => (isSent = false));
    window.addEventListener("beforeunload", (event) => {
      if (!isSent && (unsaved === form.action || values(form) !== known)) event.preventDefault();
    });
  };
  document.querySelectorAll("form.settings, form[data-settings]").forEach(watch);

  // What a field says, in the preview beside it.
  for (const shown of document.querySelectorAll("[data-shows]")) {
    const field = document.getElementById(shown.dataset.shows);
    field.addEventListener("input", () => (shown.textContent = field.value.trim()));
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
        button.textContent = button.dataset.copied;
      } catch {
        button.textContent = button.dataset.uncopied;
      }
    });
  }
})();
