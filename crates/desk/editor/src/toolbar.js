// The row of tools. It is one stop of the Tab key; the arrow keys go from tool to tool
// (https://www.w3.org/WAI/ARIA/apg/patterns/toolbar).

import { button, keysOf, make } from "./elements.js";
import { icon } from "./icons.js";
import { say } from "./words.js";

function toolButton(tool, view) {
  const keys = tool.key ? ` (${keysOf(tool.key)})` : "";
  const run = () => {
    tool.run(view().state, view().dispatch, view());
    if (!document.querySelector("dialog:modal") && !tool.id.startsWith("find")) view().focus();
  };
  const made = button(icon(tool.icon ?? tool.id), run, { label: say(tool.id), className: tool.begins ? "begins" : "", hint: `${say(tool.hint ?? tool.id)}${keys}` });
  made.tabIndex = -1;
  if (tool.key) made.setAttribute("aria-keyshortcuts", tool.key.replace(/^Mod/, "Control").replaceAll("-", "+"));
  return made;
}

function walk(row, buttons) {
  buttons[0].tabIndex = 0;
  row.addEventListener("keydown", (event) => {
    const shown = buttons.filter((button) => !button.hidden);
    const here = shown.indexOf(document.activeElement);
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1 + shown.length, Home: 0, End: shown.length - 1 }[event.key];
    if (to === undefined || here < 0) return;
    event.preventDefault();
    const next = shown[to % shown.length];
    buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
    next.focus();
  });
}

export function toolbar(all, view) {
  const row = make("div", { className: "tools" });
  row.setAttribute("role", "toolbar");
  row.setAttribute("aria-label", say("formatting"));
  const buttons = all.map((tool) => toolButton(tool, view));
  row.append(...buttons);
  walk(row, buttons);
  const update = (state) => {
    all.forEach((tool, index) => {
      if (tool.is) buttons[index].setAttribute("aria-pressed", tool.is(state));
      if (!tool.shows) return;
      const isHidden = !tool.shows(state);
      if (buttons[index].hidden !== isHidden) buttons[index].hidden = isHidden;
    });
    // The Tab key always leads to a tool that is there.
    if (buttons.find(({ tabIndex }) => tabIndex === 0)?.hidden) buttons.forEach((button, index) => (button.tabIndex = index ? -1 : 0));
  };
  return { row, update };
}
