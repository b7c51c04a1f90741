// The row of tools over the text, and what the keys do.

import { baseKeymap, chainCommands, exitCode, lift, setBlockType, toggleMark, wrapIn } from "prosemirror-commands";
import { redo, undo } from "prosemirror-history";
import { ellipsis, inputRules, textblockTypeInputRule, undoInputRule, wrappingInputRule } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import { liftListItem, sinkListItem, splitListItem, wrapInList } from "prosemirror-schema-list";
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, isInTable, toggleHeaderRow } from "prosemirror-tables";
import { insertBlock } from "./insertion.js";
import { schema } from "./schema.js";
import { insertTable, nextCell, previousCell } from "./tables.js";
import { acceptTracked, hasTracked } from "./tracked.js";
import { quoteRules } from "./typography.js";

const { nodes, marks } = schema;

function within(state, type, attributes) {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth--) {
    if ($from.node(depth).hasMarkup(type, { ...$from.node(depth).attrs, ...attributes })) return true;
  }
  return false;
}

function hasMark(state, mark) {
  const { from, to, empty, $from } = state.selection;
  return empty ? !!mark.isInSet(state.storedMarks ?? $from.marks()) : state.doc.rangeHasMark(from, to, mark);
}

// Turns something on, or off where it is on.
const toggled = (type, attributes, on, off) => ({
  is: (state) => within(state, type, attributes),
  run: (state, dispatch, view) => (within(state, type, attributes) ? off : on)(state, dispatch, view),
});

// Each tool: its name for people, its sign, the keys, whether it is on, and what it does. `ask` opens a question.
export function tools({ askLink, askPicture, askEmbed }) {
  return [
    { name: "Bold", sign: "B", key: "Mod-b", is: (state) => hasMark(state, marks.strong), run: toggleMark(marks.strong) },
    { name: "Italic", sign: "I", key: "Mod-i", is: (state) => hasMark(state, marks.emphasis), run: toggleMark(marks.emphasis) },
    { name: "Link", sign: "Link", key: "Mod-k", is: (state) => hasMark(state, marks.link), run: askLink },
    { name: "Crosshead", sign: "Crosshead", hint: "Subheading", key: "Mod-Alt-2", ...toggled(nodes.crosshead, { level: 2 }, setBlockType(nodes.crosshead, { level: 2 }), setBlockType(nodes.paragraph)) },
    { name: "Quote", sign: "Quote", key: "Mod-Shift-9", ...toggled(nodes.quote, { pull: false }, wrapIn(nodes.quote), lift) },
    { name: "Pull quote", sign: "Pull quote", ...toggled(nodes.quote, { pull: true }, wrapIn(nodes.quote, { pull: true }), lift) },
    { name: "Fact box", sign: "Fact box", ...toggled(nodes.box, { kind: "fact" }, wrapIn(nodes.box, { kind: "fact" }), lift) },
    { name: "Bullets", sign: "Bullets", hint: "Bulleted list", key: "Mod-Shift-8", ...toggled(nodes.bullet_list, {}, wrapInList(nodes.bullet_list), liftListItem(nodes.list_item)) },
    { name: "Numbers", sign: "Numbers", hint: "Numbered list", key: "Mod-Shift-7", ...toggled(nodes.ordered_list, {}, wrapInList(nodes.ordered_list), liftListItem(nodes.list_item)) },
    { name: "Picture", sign: "Picture", hint: "Add pictures", run: askPicture },
    { name: "Table", sign: "Table", run: insertTable, shows: (state) => !isInTable(state) },
    { name: "Add a row", sign: "+ Row", run: addRowAfter, shows: isInTable },
    { name: "Add a column", sign: "+ Column", run: addColumnAfter, shows: isInTable },
    { name: "Delete the row", sign: "− Row", run: deleteRow, shows: isInTable },
    { name: "Delete the column", sign: "− Column", run: deleteColumn, shows: isInTable },
    { name: "Header row", sign: "Header row", run: toggleHeaderRow, shows: isInTable },
    { name: "Delete the table", sign: "− Table", run: deleteTable, shows: isInTable },
    { name: "Embed", sign: "Embed", hint: "Embed a video or another page", run: askEmbed },
    { name: "Divider", sign: "Divider", run: insertBlock(() => nodes.rule.create()) },
    { name: "Accept tracked changes", sign: "Accept tracked changes", shows: hasTracked, run: acceptTracked },
    { name: "Undo", sign: "↶", key: "Mod-z", run: undo },
    { name: "Redo", sign: "↷", key: "Mod-Shift-z", run: redo },
  ];
}

export function keys(all, save) {
  const own = Object.fromEntries(all.filter((tool) => tool.key).map((tool) => [tool.key, tool.run]));
  const lineBreak = chainCommands(exitCode, (state, dispatch) => {
    dispatch?.(state.tr.replaceSelectionWith(nodes.line_break.create()).scrollIntoView());
    return true;
  });
  return [
    keymap({
      ...own,
      "Mod-y": redo,
      "Mod-s": save,
      "Shift-Enter": lineBreak,
      Backspace: undoInputRule,
      Enter: splitListItem(nodes.list_item),
      Tab: chainCommands(nextCell, sinkListItem(nodes.list_item)),
      "Shift-Tab": chainCommands(previousCell, liftListItem(nodes.list_item)),
    }),
    keymap(baseKeymap),
  ];
}

export const rules = (language) =>
  inputRules({
    rules: [
      ellipsis,
      ...quoteRules(language),
      textblockTypeInputRule(/^##\s$/, nodes.crosshead, { level: 2 }),
      textblockTypeInputRule(/^###\s$/, nodes.crosshead, { level: 3 }),
      wrappingInputRule(/^\s*>\s$/, nodes.quote),
      wrappingInputRule(/^\s*([-*•])\s$/, nodes.bullet_list),
      wrappingInputRule(/^(\d+)\.\s$/, nodes.ordered_list, (match) => ({ order: Number(match[1]) })),
    ],
  });

// The row itself. It is one stop of the Tab key; the arrow keys go from tool to tool
// (https://www.w3.org/WAI/ARIA/apg/patterns/toolbar).
export function toolbar(all, view) {
  const row = document.createElement("div");
  row.className = "tools";
  row.setAttribute("role", "toolbar");
  row.setAttribute("aria-label", "Formatting");
  const mac = /Mac|iP/.test(navigator.platform);
  const buttons = all.map((tool) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = tool.sign;
    const keysOf = tool.key?.replace("Mod", mac ? "⌘" : "Ctrl").replaceAll("-", "+");
    button.title = keysOf ? `${tool.hint ?? tool.name} (${keysOf})` : (tool.hint ?? tool.name);
    button.setAttribute("aria-label", tool.name);
    button.tabIndex = -1;
    // The text keeps its selection.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      tool.run(view().state, view().dispatch, view());
      if (!document.querySelector("dialog[open]")) view().focus();
    });
    row.append(button);
    return button;
  });
  buttons[0].tabIndex = 0;
  row.addEventListener("keydown", (event) => {
    const shown = buttons.filter((button) => !button.hidden);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const here = shown.indexOf(document.activeElement);
    if (!step || here < 0) return;
    event.preventDefault();
    const next = shown[(here + step + shown.length) % shown.length];
    buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
    next.focus();
  });
  const update = (state) => {
    all.forEach((tool, index) => {
      if (tool.is) buttons[index].setAttribute("aria-pressed", tool.is(state));
      if (tool.shows) buttons[index].hidden = !tool.shows(state);
    });
  };
  return { row, update };
}
