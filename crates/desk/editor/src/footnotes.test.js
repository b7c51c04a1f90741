import assert from "node:assert/strict";
import test from "node:test";
import "./words-for-tests.js";

const { EditorState } = await import("prosemirror-state");
const { read, write } = await import("./schema.js");
const { footnoteOrder, insertFootnote } = await import("./footnotes.js");

const reference = (name, number, mark = name) => `<sup class="footnote"><a href="#fn-${name}" id="fnref-${mark}">${number}</a></sup>`;
const item = (name, text) => `<li id="fn-${name}">${text} <a href="#fnref-${name}">↩</a></li>`;
const list = (...items) => `<ol class="footnotes">${items.join("")}</ol>`;
const TWO = `<p>One${reference("a", 1)} two${reference("b", 2)}</p>\n${list(item("a", "First"), item("b", "Second"))}`;

const open = (html) => EditorState.create({ doc: read(html), plugins: [footnoteOrder] });

test("a footnote in order is left alone", () => {
  const state = open(TWO);
  assert.equal(write(state.apply(state.tr.insertText("x", 1)).doc), TWO.replace("One", "xOne"));
});

test("a new footnote before others is the first of the list", () => {
  let state = open(TWO);
  insertFootnote(state, (change) => (state = state.apply(change)));
  const html = write(state.doc);
  const [, name] = /fn-([a-z0-9]+)" id/.exec(html);
  assert.ok(html.startsWith(`<p>${reference(name, 1)}One${reference("a", 2)}`), html);
  assert.ok(html.includes(`<ol class="footnotes"><li id="fn-${name}">`), html);
  assert.ok(html.endsWith(list("", item("a", "First"), item("b", "Second")).slice(22)), html);
});

test("a note goes with its last reference, and the others are numbered again", () => {
  const state = open(TWO);
  assert.equal(write(state.apply(state.tr.delete(4, 5)).doc), `<p>One two${reference("b", 1)}</p>\n${list(item("b", "Second"))}`);
});

test("a note comes back with a reference that was cut and is pasted", () => {
  let state = open(TWO);
  const cut = state.doc.nodeAt(4);
  state = state.apply(state.tr.delete(4, 5));
  assert.ok(!write(state.doc).includes("First"));
  assert.equal(write(state.apply(state.tr.insert(4, cut)).doc), TWO);
});

test("a copied reference gets a mark of its own and the same note", () => {
  const state = open(`<p>One${reference("a", 1)}</p>${list(item("a", "First"))}`);
  const html = write(state.apply(state.tr.insert(1, state.doc.nodeAt(4))).doc);
  assert.equal(html, `<p>${reference("a", 1)}One${reference("a", 1, "a-2")}</p>\n${list('<li id="fn-a">First <a href="#fnref-a">↩</a> <a href="#fnref-a-2">↩2</a></li>')}`);
});

test("lists of two writers become one, and what is written below it moves above", () => {
  const state = open(`<p>One${reference("a", 1)} two${reference("b", 1)}</p>${list(item("b", "Second"))}${list(item("a", "First"))}<p>Below</p>`);
  const html = write(state.apply(state.tr.insertText("", 1).insertText("x", 1)).doc);
  assert.ok(html.endsWith(`<p>Below</p>\n${list(item("a", "First"), item("b", "Second"))}`), html);
});
