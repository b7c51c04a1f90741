// The tools of the row over the text. To add one, add its line here, its icon, and its name to the words.

import { lift, setBlockType, toggleMark, wrapIn } from "prosemirror-commands";
import { redo, undo } from "prosemirror-history";
import { liftListItem, wrapInList } from "prosemirror-schema-list";
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, isInTable, toggleHeaderRow } from "prosemirror-tables";
import { insertDivider } from "./blocks.js";
import { insertFootnote } from "./footnotes.js";
import { openMenu } from "./menu.js";
import { schema } from "./schema.js";
import { insertTable } from "./tables.js";
import { acceptTracked, hasTracked } from "./tracked.js";

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

const isOutside = (state) => !isInTable(state);

// In a table, the tools of tables take the places of those that put other blocks into the text.
const ofTables = [
  { id: "add_row", run: addRowAfter },
  { id: "add_column", run: addColumnAfter },
  { id: "delete_row", run: deleteRow },
  { id: "delete_column", run: deleteColumn },
  { id: "header_row", run: toggleHeaderRow },
  { id: "delete_table", run: deleteTable },
].map((tool) => ({ ...tool, shows: isInTable }));

const ofBlocks = ({ askPictures, askEmbed }) =>
  [
    { id: "pull_quote", ...toggled(nodes.quote, { pull: true }, wrapIn(nodes.quote, { pull: true }), lift) },
    { id: "fact_box", ...toggled(nodes.box, { kind: "fact" }, wrapIn(nodes.box, { kind: "fact" }), lift) },
    { id: "picture", hint: "add_pictures", run: askPictures, begins: true },
    { id: "table", run: insertTable },
    { id: "embed", hint: "add_embed", run: askEmbed },
    { id: "divider", run: insertDivider },
  ].map((tool) => ({ ...tool, shows: isOutside }));

// Each tool: its name, the keys, whether it is on, whether it is shown, and what it does. `begins` starts a group.
export function tools({ askLink, askPictures, askEmbed, askComment, openFind }) {
  return [
    { id: "add_block", icon: "add", run: (state, dispatch, view) => openMenu(view) },
    { id: "bold", key: "Mod-b", begins: true, is: (state) => hasMark(state, marks.strong), run: toggleMark(marks.strong) },
    { id: "italic", key: "Mod-i", is: (state) => hasMark(state, marks.emphasis), run: toggleMark(marks.emphasis) },
    { id: "link", key: "Mod-k", is: (state) => hasMark(state, marks.link), run: askLink },
    { id: "subheading", key: "Mod-Alt-2", begins: true, ...toggled(nodes.crosshead, { level: 2 }, setBlockType(nodes.crosshead, { level: 2 }), setBlockType(nodes.paragraph)) },
    { id: "bullets", hint: "bulleted_list", key: "Mod-Shift-8", ...toggled(nodes.bullet_list, {}, wrapInList(nodes.bullet_list), liftListItem(nodes.list_item)) },
    { id: "numbers", hint: "numbered_list", key: "Mod-Shift-7", ...toggled(nodes.ordered_list, {}, wrapInList(nodes.ordered_list), liftListItem(nodes.list_item)) },
    { id: "quote", key: "Mod-Shift-9", ...toggled(nodes.quote, { pull: false }, wrapIn(nodes.quote), lift) },
    ...ofBlocks({ askPictures, askEmbed }),
    ...ofTables,
    { id: "footnote", key: "Mod-Alt-f", run: insertFootnote },
    { id: "comment", hint: "add_comment", key: "Mod-Alt-m", run: askComment },
    { id: "accept", shows: hasTracked, run: acceptTracked },
    { id: "undo", key: "Mod-z", begins: true, run: undo },
    { id: "redo", key: "Mod-Shift-z", run: redo },
    { id: "find", key: "Mod-f", run: openFind },
  ];
}
