// What is in the text and is more than words: shown so that it can be worked on.

import { button, make } from "./elements.js";
import { toReference } from "./footnotes.js";
import { galleryView } from "./gallery.js";
import { parsed } from "./html.js";
import { icon } from "./icons.js";
import { pictureView } from "./picture-view.js";
import { hostOf } from "./schema.js";
import { shownAt } from "./shown.js";
import { say } from "./words.js";

function embed(node) {
  const { href, title, picture } = node.attrs;
  const dom = make("figure", { className: "embed" }, picture ? make("img", { src: shownAt(picture), alt: "" }) : icon("embed"));
  const where = make("small", {}, say("card_for", { host: hostOf(href) }));
  dom.append(make("span", {}, make("strong", {}, title || href), where));
  return { dom };
}

function kept(node) {
  const dom = make("div", { className: "kept" });
  dom.append(make("p", {}, say("kept")), make("pre", {}, parsed(node.attrs.html).body.textContent.trim()));
  return { dom };
}

// A footnote, with the way back to the text.
function note(node, view) {
  const contentDOM = make("div");
  const back = button("↩", () => toReference(view, shown.attrs.name), { label: say("back_to_text"), hint: `${say("back_to_text")} (Enter)`, className: "quiet" });
  back.contentEditable = "false";
  let shown = node;
  return {
    dom: make("li", {}, contentDOM, back),
    contentDOM,
    update(next) {
      if (next.type !== node.type) return false;
      shown = next;
      return true;
    },
    stopEvent: (event) => back.contains(event.target),
    ignoreMutation: (mutation) => mutation.type !== "selection" && !contentDOM.contains(mutation.target),
  };
}

// A box, with its name where readers have one, too.
function box(node) {
  const name = { fact: say("fact_box"), ingredients: say("ingredients"), related: say("related") }[node.attrs.kind];
  const label = make("p", { className: "box-name", contentEditable: "false" }, name);
  const contentDOM = make("div");
  return { dom: make("aside", { className: node.attrs.kind, role: "note", ariaLabel: name }, label, contentDOM), contentDOM };
}

// `tell` says what went wrong with a picture.
export const nodeViews = (tell) => ({ picture: pictureView, gallery: galleryView(tell), embed, kept, note, box });
