// Offers the names of colleagues while somebody types @ in a comment. Without this script a name is typed.
// The text keeps the focus, and the options follow it: https://www.w3.org/WAI/ARIA/apg/patterns/listbox
(() => {
  const names = [...(document.getElementById("mentionable")?.options ?? [])].map((option) => option.value);
  if (!names.length) return;
  const MOST = 8;
  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const list = document.createElement("ul");
  Object.assign(list, { id: "mention-options", className: "mentions", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", document.getElementById("mentionable").dataset.label);

  let field;
  let begin = 0;
  let chosen = 0;
  // Whether a name is being put in, after which no other is offered.
  let isTaking = false;

  const close = () => {
    list.hidden = true;
    field?.removeAttribute("aria-activedescendant");
  };
  const choose = (index) => {
    chosen = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    field.setAttribute("aria-activedescendant", `mention-${index}`);
    list.children[index].scrollIntoView({ block: "nearest" });
  };
  const take = (index) => {
    const name = list.children[index].textContent;
    field.setRangeText(`@${name} `, begin, field.selectionStart, "end");
    close();
    field.focus();
    isTaking = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    isTaking = false;
  };
  const option = (name, index) => {
    const item = Object.assign(document.createElement("li"), { id: `mention-${index}`, textContent: name });
    item.setAttribute("role", "option");
    // The text keeps the focus.
    item.addEventListener("pointerdown", (event) => event.preventDefault());
    item.addEventListener("click", () => take(index));
    return item;
  };
  // The names that begin, or have a word that begins, like what was typed after the last @.
  const look = () => {
    const before = field.value.slice(0, field.selectionStart);
    const typed = before.match(/(?:^|[^\p{L}\p{N}])@([^@\n]{0,60})$/u);
    const wanted = typed && folded(typed[1]);
    const fits = (name) => folded(name).startsWith(wanted) || folded(name).split(/[\s-]/).some((part) => part.startsWith(wanted));
    const found = typed ? names.filter(fits).slice(0, MOST) : [];
    if (!found.length) return close();
    begin = before.length - typed[1].length - 1;
    list.replaceChildren(...found.map(option));
    if (field.nextElementSibling !== list) field.after(list);
    list.hidden = false;
    choose(0);
  };
  const attach = (area) => {
    field = area;
    area.setAttribute("aria-autocomplete", "list");
    area.setAttribute("aria-haspopup", "listbox");
    area.setAttribute("aria-controls", list.id);
    if (!list.isConnected) area.after(list);
  };

  const isComment = (element) => element instanceof HTMLTextAreaElement && element.name === "text" && element.closest("form[data-mentions], dialog");
  document.addEventListener("focusin", ({ target }) => isComment(target) && attach(target));
  document.addEventListener("focusout", ({ target }) => target === field && close());
  document.addEventListener("input", ({ target }) => {
    if (!isComment(target) || isTaking) return;
    attach(target);
    look();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target !== field || list.hidden) return;
    const count = list.children.length;
    const actions = {
      ArrowDown: () => choose((chosen + 1) % count),
      ArrowUp: () => choose((chosen + count - 1) % count),
      Enter: () => take(chosen),
      Tab: () => take(chosen),
      Escape: close,
    };
    const action = event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing ? undefined : actions[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }, true);
})();
