// Pictures in the text: they appear in the order in which they were chosen, where they were put, as the text around
// them changes.

import { Plugin, PluginKey } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import { cursorBelow } from "./insertion.js";
import { schema } from "./schema.js";
import { progressLine, send } from "./upload.js";
import { track } from "./uploads.js";

const key = new PluginKey("pictures");

export function pictures(tell) {
  return new Plugin({
    key,
    state: {
      init: () => DecorationSet.empty,
      apply(change, places) {
        const moved = places.map(change.mapping, change.doc);
        const { begun, done } = change.getMeta(key) ?? {};
        if (begun) return moved.add(change.doc, begun.map(({ at, of, line }, index) => Decoration.widget(at, line, { of, side: index + 1 })));
        if (done) return moved.remove(moved.find(undefined, undefined, (spec) => spec.of === done));
        return moved;
      },
    },
    props: {
      decorations: (state) => key.getState(state),
      handlePaste: (view, event) => insertAll(view, event.clipboardData, view.state.selection.from, tell),
      handleDrop: (view, event) => {
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
        return insertAll(view, event.dataTransfer, at?.pos ?? view.state.selection.from, tell);
      },
    },
  });
}

// Word processors put a picture of the text beside the text: who pastes words wants words.
function insertAll(view, data, at, tell) {
  const files = [...(data?.files ?? [])].filter((file) => file.type.startsWith("image/"));
  if (!files.length || data.getData("text/html").includes("<p")) return false;
  insertPictures(view, files, at, tell);
  return true;
}

// Before the paragraph that the cursor is in if that is empty, and otherwise after it.
function blockPlace(doc, at) {
  const $at = doc.resolve(at);
  if (!$at.depth) return at;
  const isEmpty = $at.depth === 1 && $at.parent.isTextblock && $at.parent.content.size === 0;
  return isEmpty ? $at.before(1) : $at.after(1);
}

// Puts pictures into the text, one after another, or into a gallery: a new one, or the one that ends at a place. Returns
// whether all have arrived.
export function insertPictures(view, files, at, tell, { gallery } = {}) {
  const place = gallery === "here" ? at : blockPlace(view.state.doc, at);
  const all = files.map((file, index) => ({ file, at: place, of: {}, isLast: index === files.length - 1, ...progressLine(file.name, index + 1, files.length) }));
  view.dispatch(view.state.tr.setMeta(key, { begun: all }));
  const begun = { doc: view.state.doc, isFirst: true, gallery };
  return track(sendAll(view, all, begun, tell));
}

async function sendAll(view, all, begun, tell) {
  let isComplete = true;
  for (const picture of all) {
    picture.update(0);
    try {
      const { src, note } = await send(picture.file, picture.update);
      if (note) tell(`${picture.file.name}: ${note}`);
      arrived(view, picture, src, begun);
    } catch (error) {
      isComplete = false;
      view.dispatch(view.state.tr.setMeta(key, { done: picture.of }));
      tell(error.message);
    }
  }
  return isComplete;
}

function arrived(view, { of, isLast }, src, begun) {
  const [place] = key.getState(view.state).find(undefined, undefined, (spec) => spec.of === of);
  let at = place?.from ?? view.state.doc.content.size;
  const change = view.state.tr.setMeta(key, { done: of });
  const picture = schema.nodes.picture.create({ src });
  // The pictures of a gallery wait behind it, and go to its end.
  const gallery = begun.gallery && change.doc.resolve(at).nodeBefore?.type === schema.nodes.gallery && (begun.gallery === "here" || !begun.isFirst);
  if (gallery) at -= 1;
  change.insert(at, begun.gallery && !gallery ? schema.nodes.gallery.create(null, picture) : picture);
  if (isLast && begun.gallery !== "here") cursorBelow(change, gallery ? change.doc.resolve(at).before() : at);
  // The cursor of somebody who has gone on writing stays where it is.
  const isWriting = !begun.doc.eq(view.state.doc);
  if (isWriting) change.setSelection(view.state.selection.map(change.doc, change.mapping));
  view.dispatch(change);
  begun.doc = view.state.doc;
  if (!isWriting && begun.isFirst && begun.gallery !== "here") view.nodeDOM(at)?.querySelector("input")?.focus();
  begun.isFirst = false;
}
