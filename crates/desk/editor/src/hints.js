// What is said in an empty line that is written in, and in a text in which nothing is written.

import { Plugin } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import { isEmpty, schema } from "./schema.js";
import { say } from "./words.js";

const { nodes } = schema;

function hintFor(state) {
  const { $head, empty } = state.selection;
  if (isEmpty(state.doc)) return { at: 0, size: state.doc.firstChild.nodeSize, hint: say("hint_text") };
  const line = $head.parent;
  if (!empty || !line.isTextblock || line.content.size) return null;
  const around = $head.node(-1);
  const place = { at: $head.before(), size: line.nodeSize };
  if (line.type === nodes.crosshead) return { ...place, hint: say(around?.type === nodes.box ? "hint_box_title" : "hint_subheading") };
  if (around?.type === nodes.note) return { ...place, hint: say("hint_footnote") };
  if (around?.type === nodes.quote && around.childCount === 1) return { ...place, hint: say(around.attrs.pull ? "hint_pull_quote" : "hint_quote") };
  return null;
}

export const hints = new Plugin({
  props: {
    decorations(state) {
      const found = hintFor(state);
      if (!found) return null;
      return DecorationSet.create(state.doc, [Decoration.node(found.at, found.at + found.size, { class: "hinted", "data-hint": found.hint })]);
    },
  },
});
