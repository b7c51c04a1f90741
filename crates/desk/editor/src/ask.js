// Questions that the editor asks: the address of a link, or of an embed.

import { say } from "./words.js";

// `suggest` gives what the field offers for what was typed: a list of values with their labels.
function field({ name, label, value = "", type = "text", hint, required = false, suggest, rows }) {
  const line = document.createElement("p");
  const named = Object.assign(document.createElement("label"), { textContent: label, htmlFor: `asked-${name}` });
  const input = document.createElement(rows ? "textarea" : "input");
  Object.assign(input, { id: `asked-${name}`, name, value, required, autocomplete: "off" }, rows ? { rows } : { type });
  line.append(named, input);
  if (suggest) line.append(suggestions(input, suggest));
  if (hint) {
    const small = Object.assign(document.createElement("small"), { textContent: hint, id: `asked-${name}-hint` });
    input.setAttribute("aria-describedby", `${small.id} asked-mistake`);
    line.append(small);
  }
  return line;
}

function suggestions(input, suggest) {
  const list = Object.assign(document.createElement("datalist"), { id: `${input.id}-list` });
  input.setAttribute("list", list.id);
  let asked = "";
  const offer = async () => {
    asked = input.value;
    const found = await suggest(asked);
    if (asked !== input.value) return;
    list.replaceChildren(...found.map(({ value, label }) => Object.assign(document.createElement("option"), { value, label })));
  };
  let resting;
  input.addEventListener("input", () => {
    clearTimeout(resting);
    resting = setTimeout(offer, 150);
  });
  return list;
}

function button(textContent, value, more = {}) {
  return Object.assign(document.createElement("button"), { textContent, value, ...more });
}

// Asks for one or more lines of text; null where the question is dismissed. `check` returns what to correct. `more` are
// further buttons; the answer says which was pressed.
export function ask(title, fields, { check = () => "", done = say("save"), more = [] } = {}) {
  const dialog = document.createElement("dialog");
  const form = document.createElement("form");
  form.method = "dialog";
  const heading = Object.assign(document.createElement("h2"), { textContent: title, id: "asked" });
  const mistake = Object.assign(document.createElement("p"), { className: "mistake", id: "asked-mistake" });
  mistake.setAttribute("role", "alert");
  dialog.setAttribute("aria-labelledby", "asked");
  const buttons = document.createElement("p");
  buttons.className = "buttons";
  buttons.append(button(done, "done"));
  for (const { label, value } of more) buttons.append(button(label, value, { formNoValidate: true, className: "quiet" }));
  buttons.append(button(say("cancel"), "", { formNoValidate: true, className: "quiet" }));
  form.append(heading, ...fields.map(field), mistake, buttons);
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "done" && event.submitter) return;
    const why = check(Object.fromEntries(new FormData(form)));
    if (!why) return;
    event.preventDefault();
    mistake.textContent = why;
    [...form.querySelectorAll("input, textarea")].at(-1)?.focus();
  });
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue ? { ...Object.fromEntries(new FormData(form)), button: dialog.returnValue } : null);
    });
  });
}
