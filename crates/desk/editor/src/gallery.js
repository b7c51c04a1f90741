// Galleries: several pictures side by side. They are added at the end, moved by dragging, and one without pictures is
// removed.

import { Plugin } from "prosemirror-state";
import { button, make } from "./elements.js";
import { insertPictures } from "./pictures.js";
import { schema } from "./schema.js";
import { choose } from "./upload.js";
import { say } from "./words.js";

function addTo(view, place, tell) {
  choose({ multiple: true }).then((files) => {
    const at = place();
    if (at === undefined) return;
    insertPictures(view, files, at + view.state.doc.nodeAt(at).nodeSize, tell, { gallery: "here" });
  });
}

// Puts its pictures one below the other instead.
function separate(view, place) {
  const at = place();
  const gallery = view.state.doc.nodeAt(at);
  view.dispatch(view.state.tr.replaceWith(at, at + gallery.nodeSize, gallery.content).scrollIntoView());
  view.focus();
}

export const galleryView = (tell) => (node, view, place) => {
  const contentDOM = make("div", { className: "pictures" });
  const tools = make("p", { contentEditable: "false" });
  tools.append(button(say("add_pictures"), () => addTo(view, place, tell), { className: "quiet" }), " ", button(say("separate_pictures"), () => separate(view, place), { className: "quiet" }));
  const dom = make("figure", { className: "gallery" }, contentDOM, tools);
  return {
    dom,
    contentDOM,
    update: (next) => next.type === node.type,
    stopEvent: (event) => tools.contains(event.target),
    ignoreMutation: (mutation) => mutation.type !== "selection" && !contentDOM.contains(mutation.target),
  };
};

export const galleries = new Plugin({
  appendTransaction(changes, _, state) {
    if (!changes.some(({ docChanged }) => docChanged)) return null;
    const change = state.tr;
    state.doc.forEach((node, at) => {
      if (node.type === schema.nodes.gallery && node.childCount === 0) change.delete(change.mapping.map(at), change.mapping.map(at + node.nodeSize));
    });
    return change.docChanged ? change : null;
  },
});
