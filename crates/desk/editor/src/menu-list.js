// What is seen of the menu of blocks: the list, and the plus button beside an empty line.

import { button, make } from "./elements.js";
import { icon } from "./icons.js";
import { choose, closeMenu, isEmptyLine, menuOf, openMenu, take } from "./menu.js";
import { say, sayCount } from "./words.js";

export class MenuList {
  constructor(view) {
    this.view = view;
    this.plus = button(icon("add"), () => (menuOf(view.state) ? closeMenu(view) : openMenu(view)), { label: say("add_block"), className: "plus", hint: `${say("add_block")} (/)` });
    this.plus.setAttribute("aria-haspopup", "listbox");
    this.list = make("ul", { id: "blocks", className: "blocks", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", say("blocks"));
    // It scrolls, so it can have the focus; the keys are those of the text.
    this.list.tabIndex = 0;
    this.list.addEventListener("focus", () => view.focus());
    this.said = make("span", { className: "unseen" });
    this.said.setAttribute("role", "status");
    view.dom.parentElement.append(this.plus, this.list, this.said);
    this.later = () => setTimeout(() => this.update(view));
    for (const place of [view.dom, this.plus]) for (const event of ["focusin", "focusout"]) place.addEventListener(event, this.later);
    this.sizes = new ResizeObserver(() => this.place(view));
    this.sizes.observe(view.dom);
    this.update(view);
  }

  update(view) {
    const menu = menuOf(view.state);
    const isFocused = view.hasFocus() || document.activeElement === this.plus;
    this.plus.hidden = !(menu || (isFocused && isEmptyLine(view.state)));
    this.plus.setAttribute("aria-expanded", String(!!menu));
    this.list.hidden = !menu;
    if (menu) this.show(menu);
    else if (this.said.textContent) this.said.textContent = "";
    this.shown = menu?.blocks;
    this.place(view);
  }

  show({ blocks, chosen }) {
    if (this.shown?.map(({ id }) => id).join() !== blocks.map(({ id }) => id).join()) {
      this.list.replaceChildren(...blocks.map((block, index) => this.option(block, index)));
      this.said.textContent = sayCount("blocks_found", blocks.length, { name: say(blocks[chosen].id) });
    }
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
    this.list.children[chosen].scrollIntoView({ block: "nearest" });
  }

  option({ id }, index) {
    const option = make("li", { id: `block-${id}` }, icon(id), say(id));
    option.setAttribute("role", "option");
    option.addEventListener("mousedown", (event) => event.preventDefault());
    option.addEventListener("mousemove", () => menuOf(this.view.state)?.chosen !== index && choose(this.view, index));
    option.addEventListener("click", () => take(this.view, index));
    return option;
  }

  // Below the line, or above it where there is more room.
  place(view) {
    if (this.plus.hidden) return;
    const around = this.list.parentElement.getBoundingClientRect();
    const { top, bottom, left } = view.coordsAtPos(view.state.selection.head);
    this.plus.style.top = `${(top + bottom) / 2 - around.top}px`;
    if (this.list.hidden) return;
    const isBelow = innerHeight - bottom >= Math.min(this.list.offsetHeight + 72, top);
    this.list.style.top = isBelow ? `${bottom - around.top + 6}px` : `${top - around.top - this.list.offsetHeight - 6}px`;
    this.list.style.left = `${Math.max(0, Math.min(left - around.left, around.width - this.list.offsetWidth))}px`;
  }

  destroy() {
    this.sizes.disconnect();
    for (const part of [this.plus, this.list, this.said]) part.remove();
  }
}
