// What stands in the text and is more than words: shown so that it can be worked on.

import { cursorBelow } from "./insertion.js";
import { hostOf, parsed } from "./schema.js";

function labelled(label, value, change) {
  const line = document.createElement("label");
  line.textContent = label;
  const input = document.createElement("input");
  input.value = value;
  // With every key: what was typed is part of the text before anything else is done.
  input.addEventListener("input", () => change(input.value));
  line.append(input);
  return { line, input };
}

function picture(node, view, place) {
  const dom = document.createElement("figure");
  const image = document.createElement("img");
  const contentDOM = document.createElement("figcaption");
  const fields = document.createElement("div");
  fields.contentEditable = "false";
  const set = (name) => (value) => {
    const at = place();
    if (at === undefined) return;
    // A field undoes its own keys.
    view.dispatch(view.state.tr.setNodeAttribute(at, name, value).setMeta("addToHistory", false));
  };
  const alt = labelled("Alt text (for screen readers and search)", node.attrs.alt, set("alt"));
  const credit = labelled("Credit", node.attrs.credit, set("credit"));
  const wide = labelled("Wider than the text", "", () => set("wide")(wide.input.checked));
  wide.input.type = "checkbox";
  fields.append(alt.line, credit.line, wide.line);
  dom.append(image, contentDOM, fields);
  fields.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    view.dispatch(cursorBelow(view.state.tr, place()).scrollIntoView());
    view.focus();
  });
  const show = ({ attrs, content }) => {
    image.src = attrs.src;
    image.alt = attrs.alt;
    if (alt.input.value !== attrs.alt) alt.input.value = attrs.alt;
    if (credit.input.value !== attrs.credit) credit.input.value = attrs.credit;
    wide.input.checked = attrs.wide;
    contentDOM.classList.toggle("empty", content.size === 0);
  };
  show(node);
  return {
    dom,
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

function embed(node) {
  const dom = document.createElement("figure");
  dom.className = "embed";
  dom.textContent = `Card for ${hostOf(node.attrs.href)}: ${node.attrs.href}`;
  return { dom };
}

function kept(node) {
  const dom = document.createElement("div");
  dom.className = "kept";
  const said = document.createElement("p");
  said.textContent = "Kept unchanged. This editor has no tools for it:";
  const words = document.createElement("pre");
  words.textContent = parsed(node.attrs.html).body.textContent.trim();
  dom.append(said, words);
  return { dom };
}

export const nodeViews = { picture, embed, kept };
