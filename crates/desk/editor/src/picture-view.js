// A picture in the text: the picture, its caption, and below them what describes it.

import { button, make } from "./elements.js";
import { cursorBelow } from "./insertion.js";
import { schema } from "./schema.js";
import { shownAt } from "./shown.js";
import { say } from "./words.js";

function labelled(label, value, change) {
  const input = make("input", { value });
  // With every key: what was typed is part of the text before anything else is done.
  input.addEventListener("input", () => change(input.value));
  return { line: make("label", {}, label, input), input };
}

// Leads out of the fields, to the paragraph below the picture, or below the gallery that it is in.
function leave(view, at) {
  const $at = view.state.doc.resolve(at);
  const outer = $at.parent.type === schema.nodes.gallery ? $at.before() : at;
  view.dispatch(cursorBelow(view.state.tr, outer).scrollIntoView());
  view.focus();
}

function remove(view, at) {
  view.dispatch(view.state.tr.delete(at, at + view.state.doc.nodeAt(at).nodeSize).scrollIntoView());
  view.focus();
}

export function pictureView(node, view, place) {
  const image = make("img");
  const contentDOM = make("figcaption");
  const fields = make("div", { contentEditable: "false" });
  const set = (name) => (value) => {
    const at = place();
    if (at === undefined) return;
    // A field undoes its own keys.
    view.dispatch(view.state.tr.setNodeAttribute(at, name, value).setMeta("addToHistory", false));
  };
  const alt = labelled(say("alt_text"), node.attrs.alt, set("alt"));
  const credit = labelled(say("credit"), node.attrs.credit, set("credit"));
  const wide = labelled(say("wide"), "", () => set("wide")(wide.input.checked));
  wide.line.className = "only-alone";
  wide.input.type = "checkbox";
  fields.append(alt.line, credit.line, wide.line, button(say("remove_picture"), () => remove(view, place()), { className: "quiet" }));
  fields.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.matches("button")) return;
    event.preventDefault();
    leave(view, place());
  });
  const show = ({ attrs, content }) => {
    const src = shownAt(attrs.src);
    if (image.getAttribute("src") !== src) image.src = src;
    image.alt = attrs.alt;
    if (alt.input.value !== attrs.alt) alt.input.value = attrs.alt;
    if (credit.input.value !== attrs.credit) credit.input.value = attrs.credit;
    wide.input.checked = attrs.wide;
    contentDOM.classList.toggle("empty", content.size === 0);
    contentDOM.dataset.hint = say("caption");
  };
  show(node);
  return {
    dom: make("figure", {}, image, contentDOM, fields),
    contentDOM,
    update(next) {
      if (next.type !== node.type) return false;
      show(next);
      return true;
    },
    stopEvent: (event) => fields.contains(event.target),
    ignoreMutation: (mutation) => mutation.type !== "selection" && !contentDOM.contains(mutation.target),
  };
}
