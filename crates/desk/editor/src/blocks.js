// The blocks that can be put into the text. To add one, add its line here, its icon, and its words: its name, and what
// else somebody may type to find it. The name is also that of its icon.

import { setBlockType, wrapIn } from "prosemirror-commands";
import { wrapInList } from "prosemirror-schema-list";
import { isInTable } from "prosemirror-tables";
import { insertFootnote } from "./footnotes.js";
import { insertBlock } from "./insertion.js";
import { schema } from "./schema.js";
import { insertTable } from "./tables.js";

const { nodes } = schema;
const paragraph = () => nodes.paragraph.create();

// A box with a title and a line. One that is left empty is not saved.
const newBox = (kind) => insertBlock(() => nodes.box.create({ kind }, [nodes.crosshead.create({ level: 2 }), paragraph()]), { inside: true });
export const insertFactBox = newBox("fact");
export const insertPullQuote = insertBlock(() => nodes.quote.create({ pull: true }, paragraph()), { inside: true });
export const insertDivider = insertBlock(() => nodes.rule.create());

export function blocks({ askPictures, askLibrary, askGallery, askEmbed, askRelated }) {
  return [
    { id: "picture", also: "picture_also", run: askPictures },
    { id: "subheading", also: "subheading_also", run: setBlockType(nodes.crosshead, { level: 2 }) },
    { id: "quote", also: "quote_also", run: wrapIn(nodes.quote) },
    { id: "pull_quote", also: "pull_quote_also", run: insertPullQuote },
    { id: "fact_box", also: "fact_box_also", run: insertFactBox },
    { id: "bullets", also: "bullets_also", run: wrapInList(nodes.bullet_list) },
    { id: "numbers", also: "numbers_also", run: wrapInList(nodes.ordered_list) },
    { id: "gallery", also: "gallery_also", run: askGallery },
    { id: "library_picture", also: "library_picture_also", run: askLibrary },
    { id: "embed", also: "embed_also", run: askEmbed },
    { id: "related", also: "related_also", run: askRelated },
    { id: "table", also: "table_also", run: insertTable, isHere: (state) => !isInTable(state) },
    { id: "footnote", also: "footnote_also", run: insertFootnote },
    { id: "divider", also: "divider_also", run: insertDivider },
    { id: "minor_subheading", also: "minor_subheading_also", run: setBlockType(nodes.crosshead, { level: 3 }) },
    { id: "ingredients", also: "ingredients_also", run: newBox("ingredients") },
  ];
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// The blocks of which a word begins with what was typed; those whose name does come first.
export function found(all, typed, say) {
  const query = plain(typed.trim());
  const begins = (text) => plain(text).split(/[\s,-]+/).some((word) => word.startsWith(query)) || plain(text).startsWith(query);
  const named = all.filter(({ id }) => begins(say(id)));
  return [...named, ...all.filter((block) => !named.includes(block) && begins(say(block.also)))];
}
