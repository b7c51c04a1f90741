import assert from "node:assert/strict";
import test from "node:test";
import "./words-for-tests.js";

const { EditorState } = await import("prosemirror-state");
const { finding, findingOf, look, places, replace, replaceAll, step } = await import("./find.js");
const { read, write } = await import("./schema.js");

// A view without a page.
function open(html) {
  const view = { state: EditorState.create({ doc: read(html), plugins: [finding(() => ({ update() {} }))] }) };
  view.dispatch = (change) => (view.state = view.state.apply(change));
  return view;
}

const words = (html, query, isCased) => {
  const doc = read(html);
  return places(doc, query, isCased).map(({ from, to }) => doc.textBetween(from, to));
};

test("words are found across marks, in every kind of block, and with the signs of print", () => {
  assert.deepEqual(words("<p>The fer<strong>ry</strong></p><ul><li>Ferry</li></ul>", "ferry"), ["ferry", "Ferry"]);
  assert.deepEqual(words("<p>Ferry ferry</p>", "ferry", true), ["ferry"]);
  assert.deepEqual(words("<p>It’s “so” – a.b</p>", "it's \"so\" - a.b"), ["It’s “so” – a.b"]);
  assert.deepEqual(words("<p>a.b axb</p>", "a.b"), ["a.b"]);
  assert.deepEqual(words("<p>One</p>", ""), []);
});

test("matches are gone through in a circle", () => {
  const view = open("<p>a b a b a</p>");
  look(view, { query: "a", from: 3 });
  assert.equal(findingOf(view.state).current, 1);
  step(view, 1);
  step(view, 1);
  assert.equal(findingOf(view.state).current, 0);
  step(view, -1);
  assert.equal(findingOf(view.state).current, 2);
  assert.equal(view.state.selection.from, findingOf(view.state).found[2].from);
});

test("one match is replaced and the next is current; a replacement with the words in it is not found again", () => {
  const view = open("<p>old <em>old</em> old</p>");
  look(view, { query: "old", from: 0 });
  replace(view, "older", "en");
  assert.equal(write(view.state.doc), "<p>older <em>old</em> old</p>");
  assert.equal(findingOf(view.state).current, 1);
  replace(view, "", "en");
  assert.equal(write(view.state.doc), "<p>older  old</p>");
});

test("all matches are replaced, and keep their marks", () => {
  const view = open("<p>old <em>old</em></p><aside class=fact><p>Old</p></aside>");
  look(view, { query: "old", from: 0 });
  assert.equal(replaceAll(view, "new", "en"), 3);
  assert.equal(write(view.state.doc), '<p>new <em>new</em></p>\n<aside class="fact"><p>new</p></aside>');
});

test("a replacement has the quotation marks of print, and code keeps what was entered", () => {
  const view = open("<p>“it’s fine” <code>it's</code></p>");
  look(view, { query: "\"it's", from: 0 });
  assert.equal(replaceAll(view, "\"that's", "en"), 1);
  assert.equal(write(view.state.doc), "<p>“that’s fine” <code>it's</code></p>");
  look(view, { query: "it's", from: 0 });
  replace(view, "'x'", "en");
  assert.equal(write(view.state.doc), "<p>“that’s fine” <code>'x'</code></p>");
});

test("what is written meanwhile is looked at, too", () => {
  const view = open("<p>a b</p>");
  look(view, { query: "a", from: 0 });
  view.dispatch(view.state.tr.insertText("a ", 1));
  assert.equal(findingOf(view.state).found.length, 2);
  look(view, { close: true });
  assert.equal(findingOf(view.state).isOpen, false);
});
