// Footnotes: one list at the end of the text, in the order of their references, with their numbers. It is kept so after
// every change, also after one that somebody else has made.

import { Plugin, TextSelection } from "prosemirror-state";
import { schema } from "./schema.js";

const { footnote, footnotes, note } = schema.nodes;

// The references and the lists of a document, with their places.
function survey(doc) {
  const found = { references: [], lists: [] };
  doc.descendants((node, at) => {
    if (node.type === footnote) found.references.push({ node, at });
    if (node.type === footnotes) found.lists.push({ node, at });
  });
  return found;
}

// A mark that no other reference has.
function freeMark(name, taken) {
  if (!taken.has(name)) return name;
  let count = 2;
  while (taken.has(`${name}-${count}`)) count++;
  return `${name}-${count}`;
}

// The attributes that the references should have: copies get a mark of their own.
function numbered(references) {
  const names = [...new Set(references.map(({ node }) => node.attrs.name))];
  const taken = new Set();
  return references.map(({ node: { attrs } }) => {
    const mark = freeMark(taken.has(attrs.mark) ? attrs.name : attrs.mark, taken);
    taken.add(mark);
    return { name: attrs.name, mark, number: names.indexOf(attrs.name) + 1 };
  });
}

// The notes as they should be. One whose last reference was deleted goes with it, and comes back with it from the clipboard; one that
// never had any stays.
function ordered(lists, references, before, removed) {
  const known = new Map();
  const loose = [];
  for (const { node: list } of lists) {
    list.forEach((item) => {
      const { name } = item.attrs;
      const first = name && known.get(name);
      if (!name) loose.push(item);
      else if (!first) known.set(name, item);
      else if (!first.content.eq(item.content)) known.set(name, first.copy(first.content.append(item.content)));
    });
  }
  const names = [...new Set(references.map(({ name }) => name))];
  const had = new Set(before.map(({ node }) => node.attrs.name));
  const orphans = [...known.values()].filter(({ attrs: { name } }) => !names.includes(name) && !had.has(name));
  const item = (name) => {
    const marks = references.filter((reference) => reference.name === name).map(({ mark }) => mark);
    const content = known.get(name)?.content ?? removed.get(name) ?? schema.nodes.paragraph.create();
    return note.create({ name, marks: marks.join(" ") }, content);
  };
  return [...names.map(item), ...orphans, ...loose];
}

// Puts the list at the end. Where it is there already, only what differs is replaced, so that a cursor in it stays.
function placeList(change, lists, items) {
  const list = items.length ? footnotes.create(null, items) : null;
  const [first] = lists;
  const isInPlace = lists.length === 1 && first.at + first.node.nodeSize === change.doc.content.size && change.doc.childCount > 1;
  if (list && isInPlace) {
    const start = first.node.content.findDiffStart(list.content);
    if (start === null) return;
    let { a, b } = first.node.content.findDiffEnd(list.content);
    const overlap = start - Math.min(a, b);
    if (overlap > 0) (a += overlap), (b += overlap);
    change.replace(first.at + 1 + start, first.at + 1 + a, list.slice(start, b));
    return;
  }
  for (const { node, at } of [...lists].reverse()) change.delete(at, at + node.nodeSize);
  if (list && change.doc.childCount === 1 && change.doc.firstChild.type === footnotes) change.insert(0, schema.nodes.paragraph.create());
  if (list) change.insert(change.doc.content.size, list);
}

// What brings a document in order, or null.
function settled(before, state) {
  const { references, lists } = survey(state.doc);
  if (!references.length && !lists.length) return null;
  const change = state.tr;
  const wanted = numbered(references);
  references.forEach(({ node, at }, index) => {
    for (const [name, value] of Object.entries(wanted[index])) if (node.attrs[name] !== value) change.setNodeAttribute(at, name, value);
  });
  placeList(change, lists, ordered(lists, wanted, survey(before.doc).references, footnoteOrder.getState(state) ?? new Map()));
  return change.docChanged ? change : null;
}

function goTo(view, at) {
  view.dispatch(view.state.tr.setSelection(TextSelection.near(view.state.doc.resolve(at), -1)).scrollIntoView());
  view.focus();
  return true;
}

function placeOf(doc, is) {
  let place = -1;
  doc.descendants((node, at) => {
    if (place < 0 && is(node)) place = at;
    return place < 0;
  });
  return place;
}

// From a reference to the end of its note, and from a note to behind its first reference.
export function toNote(view, name) {
  const at = placeOf(view.state.doc, ({ type, attrs }) => type === note && attrs.name === name);
  return at >= 0 && goTo(view, at + view.state.doc.nodeAt(at).nodeSize - 1);
}

export function toReference(view, name) {
  const at = placeOf(view.state.doc, ({ type, attrs }) => type === footnote && attrs.name === name);
  return at >= 0 && goTo(view, at + 1);
}

function noteOf({ $from }) {
  for (let depth = $from.depth; depth > 0; depth--) if ($from.node(depth).type === note) return { item: $from.node(depth), depth };
  return null;
}

// Adds a footnote at the cursor, and goes to its text.
export function insertFootnote(state, dispatch, view) {
  const { $to } = state.selection;
  if (!$to.parent.inlineContent || noteOf(state.selection)) return false;
  if (!dispatch) return true;
  const name = Math.random().toString(36).slice(2, 8);
  dispatch(state.tr.insert($to.pos, footnote.create({ name, mark: name })).scrollIntoView());
  return view ? toNote(view, name) : true;
}

// The Enter key in a note leads back to the text.
export function leaveNote(state, dispatch, view) {
  const here = noteOf(state.selection);
  if (!here || !view || here.depth !== state.selection.$from.depth - 1) return false;
  return toReference(view, here.item.attrs.name);
}

// The texts of notes that have been in the document, by name.
function noted(doc, known) {
  const texts = new Map(known);
  for (const { node: list } of survey(doc).lists) list.forEach(({ attrs: { name }, content }) => name && texts.set(name, content));
  return texts;
}

export const footnoteOrder = new Plugin({
  state: {
    init: () => new Map(),
    apply: (change, known, before) => (change.docChanged ? noted(before.doc, known) : known),
  },
  appendTransaction: (changes, before, state) => (changes.some(({ docChanged }) => docChanged) ? settled(before, state) : null),
  props: {
    handleClickOn: (view, _, node) => node.type === footnote && toNote(view, node.attrs.name),
  },
});
