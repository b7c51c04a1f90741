// Passages that have open comments are marked, and the marks follow the text. A small window above the one that the cursor is in
// leads to its comments.

import { Plugin, PluginKey } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import { say } from "./words.js";

const key = new PluginKey("commented");

// The text with its whitespace collapsed, as the server looks at it, and the place of each of its letters in the document.
function plain(doc) {
  const places = [];
  let text = "";
  const put = (letter, at) => {
    const isSpace = /\s/.test(letter);
    if (isSpace && (!text || text.endsWith(" "))) return;
    text += isSpace ? " " : letter;
    places.push(at);
  };
  doc.descendants((node, at) => {
    if (!node.isText) return put(" ", at);
    for (let index = 0; index < node.text.length; index++) put(node.text[index], at + index);
  });
  return { text, places };
}

function common(one, other) {
  let length = 0;
  while (length < one.length && length < other.length && one[length] === other[length]) length++;
  return length;
}

const reversed = (text) => [...text].reverse().join("");

// Where a passage is; null where its words were changed. If they occur several times, those around them decide.
function find({ text, places }, { quote, prefix, suffix }) {
  let best = null;
  for (let at = quote ? text.indexOf(quote) : -1; at >= 0; at = text.indexOf(quote, at + 1)) {
    const before = common(reversed(text.slice(Math.max(0, at - 80), at).trimEnd()), reversed(prefix));
    const after = common(text.slice(at + quote.length, at + quote.length + 80).trimStart(), suffix);
    if (!best || before + after > best.score) best = { at, score: before + after };
  }
  return best && { from: places[best.at], to: places[best.at + quote.length - 1] + 1 };
}

function mark({ from, to }, thread) {
  return Decoration.inline(from, to, { class: "commented" }, { thread });
}

// The marks of passages in a document.
export function marks(doc, passages) {
  const all = plain(doc);
  const found = passages.map((passage) => ({ place: find(all, passage), thread: passage.thread }));
  return DecorationSet.create(doc, found.filter(({ place }) => place).map(({ place, thread }) => mark(place, thread)));
}

// The change that marks the selected words, which have got a comment.
export function markSelection(state, { from, to }) {
  return state.tr.setMeta(key, { from, to });
}

export const markedIn = (state) => key.getState(state);

// The passages with open comments that the page has.
export function passagesOnPage() {
  return [...document.querySelectorAll("#passages > li")].map((line) => ({
    quote: line.textContent,
    prefix: line.dataset.prefix,
    suffix: line.dataset.suffix,
    thread: line.dataset.thread,
  }));
}

// The small window. Tab leads from the text to its link.
class CommentWindow {
  constructor(view, address) {
    this.view = view;
    this.address = address;
    this.dom = Object.assign(document.createElement("div"), { className: "link-window", hidden: true });
    this.dom.setAttribute("role", "group");
    this.dom.setAttribute("aria-label", say("comment"));
    this.open = Object.assign(document.createElement("a"), { target: "_blank", rel: "noopener", textContent: say("open_comments") });
    this.dom.append(this.open);
    view.dom.parentElement.append(this.dom);
    const later = () => setTimeout(() => this.update(view));
    for (const place of [view.dom, this.dom]) for (const event of ["focusin", "focusout"]) place.addEventListener(event, later);
  }

  update(view) {
    const isFocused = view.hasFocus() || this.dom.contains(document.activeElement);
    const { empty, from } = view.state.selection;
    const [here] = isFocused && empty ? markedIn(view.state).find(from, from) : [];
    this.dom.hidden = !here;
    if (!here) return;
    this.open.href = here.spec.thread ? `${this.address}#thread-${here.spec.thread}` : this.address;
    const around = this.dom.parentElement.getBoundingClientRect();
    const { left, top } = view.coordsAtPos(here.from);
    const most = Math.max(0, around.width - this.dom.offsetWidth);
    this.dom.style.left = `${Math.min(Math.max(0, left - around.left), most)}px`;
    this.dom.style.top = `${top - around.top - this.dom.offsetHeight - 4}px`;
  }

  destroy() {
    this.dom.remove();
  }
}

export const commented = (passages, address) =>
  new Plugin({
    key,
    state: {
      init: (_, { doc }) => marks(doc, passages),
      apply(change, known) {
        const mapped = known.map(change.mapping, change.doc);
        const added = change.getMeta(key);
        return added && added.from < added.to ? mapped.add(change.doc, [mark(added)]) : mapped;
      },
    },
    props: { decorations: markedIn },
    view: (view) => new CommentWindow(view, address),
  });
