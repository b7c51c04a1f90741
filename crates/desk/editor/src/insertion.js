// Putting blocks into the text. After each the cursor is where one would type next, and what is typed beside a block
// that is selected as a whole never replaces it.

import { NodeSelection, Plugin, TextSelection } from "prosemirror-state";
import { schema } from "./schema.js";

function placeOf(doc, block) {
  let found = -1;
  doc.descendants((node, at) => {
    if (node === block) found = at;
    return found < 0 && !node.isTextblock;
  });
  return found;
}

// Moves the cursor into the paragraph below a block. One that has words belongs to it only if it is the rest of a
// paragraph that the block has divided; otherwise there is a new one.
export function cursorBelow(change, at, isDivided = false) {
  const below = at + change.doc.nodeAt(at).nodeSize;
  const next = change.doc.nodeAt(below);
  const isFree = next?.type === schema.nodes.paragraph && (isDivided || next.content.size === 0);
  if (!isFree) change.insert(below, schema.nodes.paragraph.create());
  return change.setSelection(TextSelection.create(change.doc, below + 1));
}

// Puts a block where the cursor is. The cursor is then inside it, or below it.
export function insertBlock(create, { inside = false } = {}) {
  return (state, dispatch) => {
    if (!dispatch) return true;
    const block = create();
    const { selection } = state;
    const { $to } = selection;
    const isDivided = !(selection instanceof NodeSelection) && $to.parent.isTextblock && $to.parentOffset < $to.parent.content.size;
    const change = selection instanceof NodeSelection && selection.node.isBlock ? state.tr.insert(selection.to, block) : state.tr.replaceSelectionWith(block, false);
    const at = placeOf(change.doc, block);
    if (at >= 0) {
      cursorBelow(change, at, isDivided);
      if (inside) change.setSelection(TextSelection.near(change.doc.resolve(at + 1)));
    }
    dispatch(change.scrollIntoView());
    return true;
  };
}

// Leaves a block that is selected as a whole, such as an embed after a click on it.
function leaveBlock(view) {
  const { selection, tr } = view.state;
  if (!(selection instanceof NodeSelection) || !selection.node.isBlock) return false;
  view.dispatch(cursorBelow(tr, selection.from).scrollIntoView());
  return true;
}

export const besideBlocks = new Plugin({
  props: {
    handleTextInput(view, from, to, text) {
      if (!leaveBlock(view)) return false;
      view.dispatch(view.state.tr.insertText(text));
      return true;
    },
    handleDOMEvents: {
      compositionstart: (view) => leaveBlock(view) && false,
      paste: (view) => leaveBlock(view) && false,
    },
  },
});
