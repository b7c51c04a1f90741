// Posts of live coverage: Ctrl+Enter publishes, and pictures are added to the text. Without this file the form works as it is.
(() => {
  const form = document.querySelector("[data-live-post]");
  if (!form) return;
  const text = form.querySelector("#text");
  const find = (name) => form.querySelector(`[data-${name}]`);
  find("shortcut").hidden = false;
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  // Sent once, however often somebody presses.
  let isSent = false;
  form.addEventListener("submit", (event) => {
    if (isSent) event.preventDefault();
    isSent = true;
  });
  addEventListener("pageshow", () => (isSent = false));
  if (form.querySelector("[name=request]")) text.focus();

  const [file, alt, caption] = ["file", "alt", "caption"].map((name) => form.querySelector(`#picture-${name}`));
  const status = find("picture-status");
  find("picture").hidden = false;
  const plain = (words) => words.replace(/[[\]"\\]/g, "").replace(/\s+/g, " ").trim();
  const insert = (markup) => {
    const at = text.selectionEnd;
    const before = text.value.slice(0, at).trimEnd();
    const after = text.value.slice(at).trimStart();
    text.value = [before, markup, after].filter(Boolean).join("\n\n");
  };
  find("add-picture").addEventListener("click", async () => {
    const [picture] = file.files;
    if (!picture || !alt.value.trim()) {
      status.textContent = status.dataset.missing;
      return;
    }
    status.textContent = status.dataset.sending;
    const answer = await fetch("/desk/pictures", { method: "POST", body: picture }).catch(() => null);
    const said = await answer?.json().catch(() => null);
    if (!answer?.ok) {
      status.textContent = said?.fault || status.dataset.failed;
      return;
    }
    const title = caption.value.trim() ? ` "${plain(caption.value)}"` : "";
    insert(`![${plain(alt.value)}](${said.src}${title})`);
    [file, alt, caption].forEach((field) => (field.value = ""));
    status.textContent = said.note || status.dataset.done;
  });
})();
