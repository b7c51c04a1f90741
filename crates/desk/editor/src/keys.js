// What the keys do in the text, and what is typed and becomes something else.

import { baseKeymap, chainCommands, exitCode } from "prosemirror-commands";
import { redo } from "prosemirror-history";
import { ellipsis, inputRules, textblockTypeInputRule, undoInputRule, wrappingInputRule } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import { liftListItem, sinkListItem, splitListItem } from "prosemirror-schema-list";
import { leaveNote } from "./footnotes.js";
import { schema } from "./schema.js";
import { nextCell, previousCell } from "./tables.js";
import { quoteRules } from "./typography.js";

const { nodes } = schema;

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
      Enter: chainCommands(leaveNote, splitListItem(nodes.list_item)),
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
