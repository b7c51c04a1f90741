// Small helpers to make elements.

export function make(tag, properties = {}, ...content) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...content);
  return element;
}

// A button that leaves the selection of the text as it is.
export function button(content, run, { label, className = "", hint } = {}) {
  const made = make("button", { type: "button", className }, content);
  if (label) made.setAttribute("aria-label", label);
  if (hint) made.title = hint;
  made.addEventListener("mousedown", (event) => event.preventDefault());
  made.addEventListener("click", run);
  return made;
}

export const isMac = /Mac|iP/.test(globalThis.navigator?.platform ?? "");

// Keys as they are written on the keyboard, such as Ctrl+B.
export function keysOf(key) {
  return key.replace(/^Mod/, isMac ? "⌘" : "Ctrl").replaceAll("-", "+");
}
