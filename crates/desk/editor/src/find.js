// Finding and replacing in the text: where words are, which of them is the current one, and what takes their place.

import { Plugin, PluginKey, TextSelection } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import { printedAt } from "./typography.js";

const key = new PluginKey("find");
// More would take longer to draw than to read.
const SHOWN = 500;
// What is typed finds what print has in its place.
const ALSO = { '"': "[\"“”„«»]", "'": "['’‘‚‹›]", "-": "[-–—]", " ": "[ \u00a0\u202f]" };
const CLOSED = { query: "", isCased: false, found: [], current: 0, isOpen: false };

function pattern(query, isCased) {
  const escaped = [...query].map((sign) => ALSO[sign] ?? sign.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return new RegExp(escaped.join(""), isCased ? "gu" : "giu");
}

// All places of the words in a document.
export function places(doc, query, isCased = false) {
  if (!query) return [];
  const all = [];
  const wanted = pattern(query, isCased);
  doc.descendants((node, at) => {
    if (!node.isTextblock) return true;
    const text = node.textBetween(0, node.content.size, null, "\ufffc");
    for (const match of text.matchAll(wanted)) all.push({ from: at + 1 + match.index, to: at + 1 + match.index + match[0].length });
    return false;
  });
  return all;
}

export const findingOf = (state) => key.getState(state);

// The first match at or behind a place, or the first of all.
function nearest(found, at) {
  const index = found.findIndex(({ from }) => from >= at);
  return index < 0 ? 0 : index;
}

function next(change, known, state) {
  const told = change.getMeta(key);
  if (told?.close) return CLOSED;
  if (!told && !(known.isOpen && change.docChanged)) return known;
  const { query, isCased } = { ...known, ...told };
  const isSame = query === known.query && isCased === known.isCased && !change.docChanged;
  const found = isSame ? known.found : places(state.doc, query, isCased);
  const before = known.found[known.current];
  const at = told?.from ?? (before ? change.mapping.map(before.from) : 0);
  const current = told?.current ?? (isSame ? known.current : nearest(found, at));
  return { query, isCased, found, current, isOpen: true };
}

// Sets what is looked for; `from` is where the search begins.
export function look(view, told) {
  view.dispatch(view.state.tr.setMeta(key, told));
}

// Goes to the next match, or with -1 to the one before, and brings it into sight.
export function step(view, by) {
  const { found, current } = findingOf(view.state);
  if (!found.length) return;
  show(view, (current + by + found.length) % found.length);
}

export function show(view, index) {
  const place = findingOf(view.state).found[index];
  if (!place) return;
  const change = view.state.tr.setMeta(key, { current: index });
  view.dispatch(change.setSelection(TextSelection.create(change.doc, place.from, place.to)).scrollIntoView());
}

function put(change, { from, to }, words) {
  return words ? change.insertText(words, from, to) : change.delete(from, to);
}

// What is put in gets the quotation marks of a language.
export function replace(view, entered, language) {
  const { found, current } = findingOf(view.state);
  const place = found[current];
  if (!place) return;
  const words = printedAt(entered, view.state.doc.resolve(place.from), language);
  view.dispatch(put(view.state.tr, place, words).setMeta(key, { from: place.from + words.length }));
  show(view, findingOf(view.state).current);
}

// Replaces all matches in one step, which is undone in one. Returns how many there were.
export function replaceAll(view, words, language) {
  const { found } = findingOf(view.state);
  const change = view.state.tr;
  for (const place of [...found].reverse()) put(change, place, printedAt(words, view.state.doc.resolve(place.from), language));
  if (found.length) view.dispatch(change);
  return found.length;
}

function marked(state) {
  const { found, current, isOpen } = findingOf(state);
  if (!isOpen || !found.length) return null;
  const first = Math.max(0, current - SHOWN / 2);
  const mark = ({ from, to }, index) => Decoration.inline(from, to, { class: first + index === current ? "match current" : "match" });
  return DecorationSet.create(state.doc, found.slice(first, first + SHOWN).map(mark));
}

export const finding = (panel) =>
  new Plugin({
    key,
    state: { init: () => CLOSED, apply: (change, known, _, state) => next(change, known, state) },
    props: { decorations: marked },
    view: () => ({ update: (view, before) => findingOf(view.state) !== findingOf(before) && panel().update(view.state) }),
  });
