// What a template leaves to be filled in: [what is missing], marked. A click selects all of it, and what is typed takes its
// place without the mark. So does what is pasted; what is typed beside it is not marked either.

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

// The prompt that is selected as a whole.
function selectedPrompt(doc, from, to) {
  const found = from < to && promptAt(doc, from);
  return found && found.from === from && found.to === to ? found : null;
}

// The prompt that begins or ends at a place.
function promptBeside(doc, at) {
  const after = promptAt(doc, at);
  if (after?.from === at) return after;
  const before = at > doc.resolve(at).start() ? promptAt(doc, at - 1) : null;
  return before?.to === at ? before : null;
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
      const { doc, tr } = view.state;
      const found = from === to ? promptBeside(doc, from) : selectedPrompt(doc, from, to);
      if (!found) return false;
      view.dispatch(tr.insertText(text, from, to).removeMark(from, from + text.length, found.mark).removeStoredMark(found.mark).scrollIntoView());
      return true;
    },
    handlePaste(view, event, slice) {
      const { doc, tr, selection } = view.state;
      const { from, to } = selection;
      const found = selectedPrompt(doc, from, to);
      if (!found) return false;
      const change = tr.replaceSelection(slice);
      view.dispatch(change.removeMark(from, change.mapping.map(to), found.mark).removeStoredMark(found.mark).scrollIntoView());
      return true;
    },
  },
});
