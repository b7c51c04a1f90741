// Brings together what two people wrote from the same beginning.

import { read } from "./schema.js";

// The pairs of places at which two lists are the same, as many as there are, in order. What both begin and end with is
// found at once, so that only the part between takes the square of its length.
function alike(one, other) {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start++;
  let end = 0;
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  const pairs = new Map(Array.from({ length: start }, (_, place) => [place, place]));
  for (const [i, j] of alikeBetween(one.slice(start, one.length - end), other.slice(start, other.length - end))) pairs.set(start + i, start + j);
  for (let back = end; back > 0; back--) pairs.set(one.length - back, other.length - back);
  return pairs;
}

function alikeBetween(one, other) {
  const most = Array.from({ length: one.length + 1 }, () => new Array(other.length + 1).fill(0));
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      most[i][j] = one[i] === other[j] ? most[i + 1][j + 1] + 1 : Math.max(most[i + 1][j], most[i][j + 1]);
    }
  }
  const pairs = new Map();
  for (let i = 0, j = 0; i < one.length && j < other.length; ) {
    if (one[i] === other[j]) pairs.set(i++, j++);
    else if (most[i + 1][j] >= most[i][j + 1]) i++;
    else j++;
  }
  return pairs;
}

const same = (a, b) => a.length === b.length && a.every((item, index) => item === b[index]);

// What two people have added in one place. If one begins or ends with all of the other, it has it already: a save whose
// answer was lost comes back as somebody else's.
function both(mine, theirs) {
  const has = (long, short) => same(long.slice(0, short.length), short) || same(long.slice(long.length - short.length), short);
  if (mine.length >= theirs.length && has(mine, theirs)) return mine;
  if (theirs.length > mine.length && has(theirs, mine)) return theirs;
  return [...theirs, ...mine];
}

// Brings two lists together that began as `base`. `clash` is asked where both have changed the same place, and
// gives what is to stand there, or null.
export function mergeLists(base, mine, theirs, clash) {
  const inMine = alike(base, mine);
  const inTheirs = alike(base, theirs);
  const merged = [];
  let isClean = true;
  let at = { base: 0, mine: 0, theirs: 0 };
  const settle = (end) => {
    const [b, m, t] = [base.slice(at.base, end.base), mine.slice(at.mine, end.mine), theirs.slice(at.theirs, end.theirs)];
    // Neighbours that were each changed by one are no clash.
    if (b.length === m.length && b.length === t.length) b.forEach((item, index) => decide([item], [m[index]], [t[index]]));
    else decide(b, m, t);
  };
  const decide = (b, m, t) => {
    if (same(m, b) || same(m, t)) merged.push(...t);
    else if (same(t, b)) merged.push(...m);
    else if (b.length === 0) merged.push(...both(m, t));
    else {
      const settled = clash(b, m, t);
      isClean &&= settled !== null;
      merged.push(...(settled ?? t));
    }
  };
  for (let place = 0; place < base.length; place++) {
    if (!inMine.has(place) || !inTheirs.has(place)) continue;
    const end = { base: place, mine: inMine.get(place), theirs: inTheirs.get(place) };
    settle(end);
    merged.push(base[place]);
    at = { base: place + 1, mine: end.mine + 1, theirs: end.theirs + 1 };
  }
  settle({ base: base.length, mine: mine.length, theirs: theirs.length });
  return { merged, isClean };
}

// Brings two texts together, word by word; null where both have changed the same words.
export function mergeWords(base, mine, theirs) {
  const words = (text) => text.match(/\s+|[^\s]+/gu) ?? [];
  const { merged, isClean } = mergeLists(words(base), words(mine), words(theirs), () => null);
  return isClean ? merged.join("") : null;
}

// Brings two documents together, block by block; within one block of plain words, word by word.
export function mergeDocs(schema, base, mine, theirs) {
  // The numbers of footnotes follow from their order.
  const unnumbered = (_, value) => (value?.type === "footnote" ? { ...value, attrs: { ...value.attrs, number: 0 } } : value);
  const written = (doc) => doc.content.content.map((block) => JSON.stringify(block.toJSON(), unnumbered));
  const clash = (b, m, t) => {
    if (b.length !== 1 || m.length !== 1 || t.length !== 1) return null;
    const blocks = [b, m, t].map(([block]) => schema.nodeFromJSON(JSON.parse(block)));
    if (blocks.every(({ type }) => type.name === "footnotes")) return mergeNotes(blocks);
    const isPlain = blocks.every((block) => block.isTextblock && block.childCount <= 1 && !block.firstChild?.marks.length && (block.firstChild?.isText ?? true));
    if (!isPlain || blocks.some((block) => !block.hasMarkup(blocks[0].type, blocks[0].attrs))) return null;
    const text = mergeWords(...blocks.map((block) => block.textContent));
    if (text === null) return null;
    return [JSON.stringify(blocks[0].copy(text ? blocks[0].type.create(null, schema.text(text)).content : undefined).toJSON())];
  };
  const { merged, isClean } = mergeLists(written(base), written(mine), written(theirs), clash);
  const blocks = merged.map((block) => schema.nodeFromJSON(JSON.parse(block)));
  return { doc: base.type.create(null, blocks.length ? blocks : schema.nodes.paragraph.create()), isClean };
}

// The notes of two writers, each with its name.
function mergeNotes(blocks) {
  const notes = blocks.map((block) => block.content.content.map((note) => JSON.stringify(note.toJSON())));
  const { merged, isClean } = mergeLists(...notes, () => null);
  const content = merged.map((note) => JSON.parse(note));
  return isClean && content.length ? [JSON.stringify({ ...blocks[0].toJSON(), content })] : null;
}

// The fields that hold sentences. The values of others, such as addresses and choices, are never a mixture of two.
const PROSE = ["kicker", "headline", "deck", "picture_caption", "picture_alt", "picture_credit", "disclosure", "search_title", "search_description", "social_title", "social_description"];

// Brings two versions of a form together, field by field, and the text block by block. `clashes` are the fields in which
// both changed the same words: there theirs is kept.
export function mergeSheets(schema, { base, mine, theirs, mineDoc }) {
  const sheet = {};
  const clashes = [];
  for (const name of Object.keys(mine)) {
    if (name === "body") continue;
    if (mine[name] === base[name] || mine[name] === theirs[name]) sheet[name] = theirs[name];
    else if (theirs[name] === base[name]) sheet[name] = mine[name];
    else {
      const both = PROSE.includes(name) ? mergeWords(base[name] ?? "", mine[name], theirs[name]) : null;
      if (both === null) clashes.push(name);
      sheet[name] = both ?? theirs[name];
    }
  }
  const { doc, isClean } = mergeDocs(schema, read(base.body), mineDoc, read(theirs.body));
  if (!isClean) clashes.push("text");
  return { sheet, doc, clashes };
}
