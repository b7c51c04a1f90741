import assert from "node:assert/strict";
import test from "node:test";
import "./words-for-tests.js";

const { EditorState, TextSelection } = await import("prosemirror-state");
const { promptAt, prompts } = await import("./prompts.js");
const { read, write } = await import("./schema.js");

const DOC = read("<p>A <mark>[Who]</mark> and <mark>marked</mark></p>");

test("a prompt is found from within, and other marks are none", () => {
  const place = ({ from, to }) => [from, to];
  assert.deepEqual(place(promptAt(DOC, 5)), [3, 8]);
  assert.equal(promptAt(DOC, 1), null);
  assert.equal(promptAt(DOC, 15), null);
});

test("what is typed over a prompt takes its place without the mark", () => {
  const view = { state: EditorState.create({ doc: DOC, selection: TextSelection.create(DOC, 3, 8) }) };
  view.dispatch = (change) => (view.state = view.state.apply(change));
  assert.ok(prompts.props.handleTextInput(view, 3, 8, "B"));
  view.dispatch(view.state.tr.insertText("o"));
  assert.equal(write(view.state.doc), "<p>A Bo and <mark>marked</mark></p>");
  assert.equal(prompts.props.handleTextInput(view, 1, 1, "x"), false);
});

test("what is typed beside a prompt has no mark", () => {
  for (const [at, expected] of [
    [3, "<p>A x<mark>[Who]</mark> and <mark>marked</mark></p>"],
    [8, "<p>A <mark>[Who]</mark>x and <mark>marked</mark></p>"],
  ]) {
    const view = { state: EditorState.create({ doc: DOC, selection: TextSelection.create(DOC, at) }) };
    view.dispatch = (change) => (view.state = view.state.apply(change));
    assert.ok(prompts.props.handleTextInput(view, at, at, "x"));
    assert.equal(write(view.state.doc), expected);
  }
});

test("what is pasted over a prompt takes its place without the mark", () => {
  const view = { state: EditorState.create({ doc: DOC, selection: TextSelection.create(DOC, 3, 8) }) };
  view.dispatch = (change) => (view.state = view.state.apply(change));
  assert.ok(prompts.props.handlePaste(view, null, view.state.selection.content()));
  assert.equal(write(view.state.doc), "<p>A [Who] and <mark>marked</mark></p>");
});
