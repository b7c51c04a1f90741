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

  // A field that belongs to a choice: what is entered there chooses it.
  for (const field of document.querySelectorAll("[data-chooses]")) {
    field.addEventListener("input", () => {
      if (field.value.trim()) document.getElementById(field.dataset.chooses).checked = true;
    });
  }

  // How many rows of a list are selected, beside what can be done with them.
  for (const count of document.querySelectorAll("[data-selected]")) {
    const text = count.textContent;
    const boxes = [...document.querySelectorAll(`[name="${count.dataset.selected}"][form=selection]`)];
    const show = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      count.hidden = chosen === 0;
      count.textContent = text.replace("{number}", chosen.toLocaleString(document.documentElement.lang));
    };
    addEventListener("change", show);
    addEventListener("pageshow", show);
    show();
  }

  // What a field says, in the preview beside it.
  for (const shown of document.querySelectorAll("[data-shows]")) {
    const field = document.getElementById(shown.dataset.shows);
    field.addEventListener("input", () => (shown.textContent = field.value.trim()));
  }

  // The contrast of a colour that is entered, with the background on which it is read worst (WCAG 2.2).
  const luminance = (color) => {
    const [red, green, blue] = [1, 3, 5]
      .map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  };
  const contrast = (one, other) => {
    const both = [luminance(one), luminance(other)];
    return Math.max(...both) / Math.min(...both);
  };
  const compare = (field) => {
    const said = document.getElementById(`${field.id}-contrast`);
    const color = field.value.trim().replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3");
    const isColor = /^#[0-9a-f]{6}$/i.test(color);
    said.hidden = !isColor;
    if (!isColor) return;
    const least = Math.min(...field.dataset.contrast.split(" ").map((other) => contrast(color, other)));
    const ratio = (Math.floor(least * 10) / 10).toLocaleString(document.documentElement.lang, { minimumFractionDigits: 1 });
    said.textContent = (least < 4.5 ? said.dataset.tooLittle : said.dataset.enough).replace("{ratio}", ratio);
    document.querySelectorAll(`[data-fill="${field.id}"]`).forEach((shape) => shape.setAttribute("fill", color));
  };
  for (const field of document.querySelectorAll("[data-contrast]")) field.addEventListener("input", () => compare(field));

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

  // A file that is chosen is put into a field, where it can be looked at.
  for (const input of document.querySelectorAll("[data-file-into]")) {
    input.closest("[data-with-script]").hidden = false;
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (file) document.getElementById(input.dataset.fileInto).value = await file.text();
    });
  }

  // The portrait of an author: uploaded to the library, and named in its field.
  for (const line of document.querySelectorAll("[data-portrait]")) {
    line.hidden = false;
    const [input, image, said] = ["input", "img", "[role=status]"].map((name) => line.querySelector(name));
    const send = async (file) => {
      const address = `/desk/pictures?${new URLSearchParams({ name: file.name })}`;
      const answer = await fetch(address, { method: "POST", body: file, headers: { accept: "application/json" } });
      const { src, fault } = await answer.json();
      if (!answer.ok) return fault ?? said.dataset.fault;
      document.getElementById("portrait").value = image.src = src;
      image.hidden = false;
      return said.dataset.done;
    };
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) return;
      said.textContent = "…";
      said.textContent = await send(file).catch(() => said.dataset.fault);
    });
  }
})();
