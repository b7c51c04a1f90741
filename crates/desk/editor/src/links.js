// Links: a small window below the one that the cursor is in, a dialog to make or change one, and addresses that are
// pasted.

import { Plugin, TextSelection } from "prosemirror-state";
import { articlesFor } from "./articles.js";
import { ask } from "./ask.js";
import { insertEmbed, isEmbed } from "./embeds.js";
import { hostOf, schema } from "./schema.js";
import { say } from "./words.js";

const { link } = schema.marks;

// The address that somebody has typed; null if a link must not lead there.
export function addressOf(text) {
  const trimmed = text.trim();
  if (!trimmed || /\s/.test(trimmed)) return null;
  if (/^[^/:@]+@[^/:@]+\.[a-z]+$/i.test(trimmed)) return `mailto:${trimmed}`;
  if (/^[/#](?![/\\])/.test(trimmed)) return trimmed;
  const scheme = /^([a-z][a-z0-9+.-]*):(?!\d)/i.exec(trimmed)?.[1].toLowerCase();
  if (scheme) return ["http", "https", "mailto", "tel"].includes(scheme) ? trimmed : null;
  return hostOf(`https://${trimmed}`).includes(".") ? `https://${trimmed}` : null;
}

// The link that the cursor is in, or that the selection touches, from its beginning to its end.
export function linkAt(state) {
  const { $from, from, to, empty } = state.selection;
  const { parent } = $from;
  if (!parent.inlineContent) return null;
  let found = null;
  let begun = null;
  parent.forEach((node, offset) => {
    const at = $from.start() + offset;
    const mark = link.isInSet(node.marks);
    begun = mark && begun && mark.eq(begun.mark) && begun.to === at ? begun : mark && { from: at, mark };
    if (!begun) return;
    begun.to = at + node.nodeSize;
    const isHere = empty ? begun.from <= from && from <= begun.to : begun.from < to && from < begun.to;
    if (isHere) found = begun;
  });
  return found;
}

function remove(view, { from, to }) {
  view.dispatch(view.state.tr.removeMark(from, to, link));
  view.focus();
}

function put(view, { from, to }, href, text) {
  const change = view.state.tr;
  if (text) {
    change.insertText(text, from, to);
    to = from + text.length;
  }
  change.removeMark(from, to, link).addMark(from, to, link.create({ href }));
  view.dispatch(change.setSelection(TextSelection.create(change.doc, to)).removeStoredMark(link).scrollIntoView());
}

const check = ({ href }) => (addressOf(href) ? "" : say("link_refused"));

// An article of this site can be found by its headline.
const linksFor = async (typed) => (await articlesFor(typed)).map(({ headline, address }) => ({ value: address, label: headline }));

// Asks for the address of the link here, of a link for the selected words or, if there are none, of a link and its words.
export function askLink(state, dispatch, view) {
  const known = linkAt(state);
  const { empty } = state.selection;
  const address = { name: "href", label: say("address"), hint: say("link_hint"), value: known?.mark.attrs.href ?? "", required: true, suggest: linksFor };
  const words = known || !empty ? [] : [{ name: "text", label: say("link_text"), required: true }];
  const more = known ? [{ label: say("remove_link"), value: "remove" }] : [];
  ask(known ? say("edit_link") : say("add_link"), [...words, address], { check, done: say("save_link"), more }).then((answer) => {
    // Others may have changed the text meanwhile.
    const { from, to } = view.state.selection;
    const place = linkAt(view.state) ?? { from, to };
    if (answer?.button === "remove") return remove(view, place);
    if (answer) put(view, place, addressOf(answer.href), answer.text);
    view.focus();
  });
  return true;
}

function pasted(view, event) {
  const text = event.clipboardData?.getData("text/plain").trim() ?? "";
  if (!/^https?:\/\/\S+$/i.test(text) || !addressOf(text)) return false;
  const { selection } = view.state;
  const { $from, from, to, empty } = selection;
  if (!$from.parent.inlineContent || !$from.sameParent(selection.$to)) return false;
  const isAlone = empty && $from.parent.type === schema.nodes.paragraph && $from.parent.content.size === 0;
  if (isAlone && isEmbed(text)) return insertEmbed(text)(view.state, view.dispatch, view);
  put(view, { from, to }, text, empty ? text : "");
  return true;
}

// The small window. Tab leads from the text to its buttons.
class LinkWindow {
  constructor(view) {
    this.view = view;
    this.dom = document.createElement("div");
    this.dom.className = "link-window";
    this.dom.setAttribute("role", "group");
    this.dom.setAttribute("aria-label", say("link"));
    this.open = Object.assign(document.createElement("a"), { target: "_blank", rel: "noopener" });
    this.dom.append(this.open, this.button(say("edit_link"), () => askLink(view.state, view.dispatch, view)), this.button(say("remove_link"), () => remove(view, linkAt(view.state))));
    view.dom.parentElement.append(this.dom);
    const later = () => setTimeout(() => this.update(view));
    for (const place of [view.dom, this.dom]) for (const event of ["focusin", "focusout"]) place.addEventListener(event, later);
    this.sizes = new ResizeObserver(() => this.update(view));
    this.sizes.observe(view.dom.parentElement);
    this.update(view);
  }

  button(label, run) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: label });
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", run);
    return button;
  }

  update(view) {
    const isFocused = view.hasFocus() || this.dom.contains(document.activeElement);
    const here = isFocused && view.state.selection.empty ? linkAt(view.state) : null;
    this.dom.hidden = !here;
    if (!here) return;
    const { href } = here.mark.attrs;
    if (this.open.getAttribute("href") !== href) {
      this.open.href = href;
      this.open.textContent = href.length > 60 ? `${href.slice(0, 59)}…` : href;
      this.open.setAttribute("aria-label", say("open_link", { address: href }));
    }
    const around = this.dom.parentElement.getBoundingClientRect();
    const { left, bottom } = view.coordsAtPos(here.from);
    const most = Math.max(0, around.width - this.dom.offsetWidth);
    this.dom.style.left = `${Math.min(Math.max(0, left - around.left), most)}px`;
    this.dom.style.top = `${bottom - around.top + 4}px`;
  }

  destroy() {
    this.sizes.disconnect();
    this.dom.remove();
  }
}

export const links = new Plugin({ view: (view) => new LinkWindow(view), props: { handlePaste: pasted } });
