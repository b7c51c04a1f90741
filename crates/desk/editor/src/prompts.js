// What a template leaves to be filled in: [what is missing], marked. A click selects all of it, and what is typed takes its
// place without the mark.

import { Plugin, TextSelection } from "prosemirror-state";
import { schema } from "./schema.js";

const { styled } = schema.marks;
const markOf = (node) => node.marks.find(({ type, attrs }) => type === styled && attrs.tag === "mark");
const isPrompt = (node) => node.isText && /^\[.*\]$/su.test(node.text) && markOf(node);

// The prompt around a place, from its beginning to its end.
export function promptAt(doc, at) {
  const { parent, parentOffset } = doc.resolve(at);
  if (!parent.inlineContent) return null;
  const { node, offset } = parent.childAfter(parentOffset);
  const begin = at - parentOffset + offset;
  return node && isPrompt(node) ? { from: begin, to: begin + node.nodeSize, mark: markOf(node) } : null;
}

export const prompts = new Plugin({
  props: {
    handleClick(view, at) {
      const found = promptAt(view.state.doc, at);
      if (!found) return false;
      view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, found.from, found.to)));
      return true;
    },
    handleTextInput(view, from, to, text) {
      const found = from < to && promptAt(view.state.doc, from);
      if (!found || found.from !== from || found.to !== to) return false;
      const change = view.state.tr.insertText(text, from, to).removeMark(from, from + text.length, found.mark);
      view.dispatch(change.removeStoredMark(found.mark).scrollIntoView());
      return true;
    },
  },
});
