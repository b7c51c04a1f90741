// Questions that the editor asks: an address, and what a picture shows.

// Asks for one or more lines of text; null where the question is dismissed.
export function ask(title, fields) {
  const dialog = document.createElement("dialog");
  const form = document.createElement("form");
  form.method = "dialog";
  const heading = document.createElement("h2");
  heading.textContent = title;
  heading.id = "asked";
  dialog.setAttribute("aria-labelledby", "asked");
  form.append(heading);
  for (const { name, label, value = "", type = "text", hint, required = false } of fields) {
    const line = document.createElement("p");
    const named = document.createElement("label");
    named.textContent = label;
    named.htmlFor = `asked-${name}`;
    const input = document.createElement("input");
    Object.assign(input, { id: `asked-${name}`, name, type, value, required, autocomplete: "off" });
    line.append(named, input);
    if (hint) {
      const small = document.createElement("small");
      small.textContent = hint;
      small.id = `asked-${name}-hint`;
      input.setAttribute("aria-describedby", small.id);
      line.append(small);
    }
    form.append(line);
  }
  const buttons = document.createElement("p");
  const done = document.createElement("button");
  done.textContent = "Done";
  done.value = "done";
  const cancel = document.createElement("button");
  Object.assign(cancel, { textContent: "Cancel", value: "", formNoValidate: true, className: "quiet" });
  buttons.append(done, " ", cancel);
  form.append(buttons);
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue === "done" ? Object.fromEntries(new FormData(form)) : null);
    });
  });
}
