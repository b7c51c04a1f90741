// The menu of blocks: it opens at “/” on an empty line and at the plus button, and what is typed then filters it. The
// text keeps the focus; which block is chosen is said with aria-activedescendant
// (https://www.w3.org/WAI/ARIA/apg/patterns/listbox).

import { Plugin, PluginKey, TextSelection } from "prosemirror-state";
import { found } from "./blocks.js";
import { MenuList } from "./menu-list.js";
import { say } from "./words.js";

const key = new PluginKey("menu");
const CLOSED = null;

// What was typed since the menu was opened; null if the cursor has left the line.
function typedIn(state, { at, isSlash }) {
  const { $head, empty, head } = state.selection;
  const begin = at + (isSlash ? 1 : 0);
  if (!empty || !$head.parent.isTextblock || $head.start() !== at || head < begin) return null;
  if (isSlash && $head.parent.textBetween(0, 1) !== "/") return null;
  return state.doc.textBetween(begin, head);
}

const isInEmptyLine = ({ parent }) => parent.type.name === "paragraph" && parent.content.size === 0;
const isEmptyLine = ({ selection: { empty, $head } }) => empty && isInEmptyLine($head);

// The menu, or null if it is closed: where it was opened, the blocks that are found, and which of them is chosen.
export const menuOf = (state) => key.getState(state);

function next(change, menu, state, all) {
  const told = change.getMeta(key);
  if (told === "close") return CLOSED;
  if (told?.open) menu = { at: change.selection.$head.start(), isSlash: told.open === "slash", chosen: 0 };
  if (told?.chosen !== undefined && menu) return { ...menu, chosen: told.chosen };
  if (!menu) return CLOSED;
  const here = { ...menu, at: told?.open ? menu.at : change.mapping.map(menu.at, -1) };
  const typed = typedIn(state, here);
  if (typed === null) return CLOSED;
  const blocks = found(all.filter(({ isHere }) => !isHere || isHere(state)), typed, say);
  if (!blocks.length) return CLOSED;
  return { ...here, typed, blocks, chosen: typed === menu.typed ? menu.chosen : 0 };
}

export function openMenu(view) {
  view.focus();
  const { state } = view;
  if (isEmptyLine(state)) return view.dispatch(state.tr.setMeta(key, { open: "plus" }));
  // Below the block that the cursor is in.
  const { $head } = state.selection;
  const below = $head.depth ? $head.after(1) : state.selection.to;
  const change = state.tr.insert(below, state.schema.nodes.paragraph.create());
  const at = change.doc.resolve(below + 1);
  view.dispatch(change.setSelection(state.selection.constructor.near(at)).setMeta(key, { open: "plus" }).scrollIntoView());
}

export function closeMenu(view) {
  view.dispatch(view.state.tr.setMeta(key, "close"));
}

export function choose(view, index) {
  view.dispatch(view.state.tr.setMeta(key, { chosen: index }));
}

// Puts the block in place of what was typed.
export function take(view, index = menuOf(view.state).chosen) {
  const { at, blocks } = menuOf(view.state);
  view.dispatch(view.state.tr.delete(at, view.state.selection.head).setMeta(key, "close"));
  blocks[index].run(view.state, view.dispatch, view);
  if (!document.querySelector("dialog:modal")) view.focus();
}

function keyPressed(view, event) {
  const menu = menuOf(view.state);
  if (!menu || event.isComposing) return false;
  const last = menu.blocks.length - 1;
  const to = { ArrowDown: menu.chosen === last ? 0 : menu.chosen + 1, ArrowUp: menu.chosen === 0 ? last : menu.chosen - 1, PageDown: last, PageUp: 0 }[event.key];
  if (to !== undefined) choose(view, to);
  else if (event.key === "Enter" || event.key === "Tab") take(view);
  else if (event.key === "Escape") closeMenu(view);
  else return false;
  event.stopPropagation();
  return true;
}

// The attributes of the text while the menu is open.
export function menuAttributes(state) {
  const menu = menuOf(state);
  if (!menu) return {};
  return { "aria-haspopup": "listbox", "aria-autocomplete": "list", "aria-controls": "blocks", "aria-activedescendant": `block-${menu.blocks[menu.chosen].id}` };
}

export const menu = (all) =>
  new Plugin({
    key,
    state: { init: () => CLOSED, apply: (change, known, _, state) => next(change, known, state, all) },
    view: (view) => new MenuList(view),
    props: {
      handleKeyDown: keyPressed,
      handleDOMEvents: {
        blur(view) {
          if (menuOf(view.state)) closeMenu(view);
          return false;
        },
      },
      handleTextInput(view, from, to, text) {
        // Who types fast is in the line before the state has the selection there.
        if (text !== "/" || from !== to || !isInEmptyLine(view.state.doc.resolve(from))) return false;
        const change = view.state.tr.insertText("/", from);
        view.dispatch(change.setSelection(TextSelection.create(change.doc, from + 1)).setMeta(key, { open: "slash" }));
        return true;
      },
    },
  });

export { isEmptyLine };
