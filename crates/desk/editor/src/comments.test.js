import "./words-for-tests.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { EditorState, TextSelection } from "prosemirror-state";

const { read } = await import("./schema.js");
const { passageAt } = await import("./comments.js");

function selected(html, from, to) {
  const state = EditorState.create({ doc: read(html) });
  return state.apply(state.tr.setSelection(TextSelection.create(state.doc, from, to)));
}

test("a passage has the words around it", () => {
  const state = selected("<p>The bridge stands <em>over</em> the river.</p>", 5, 11);
  assert.deepEqual(passageAt(state), { quote: "bridge", prefix: "The ", suffix: " stands over the river." });
});

test("a passage may reach over paragraphs", () => {
  const state = selected("<p>One two.</p><p>Three four.</p>", 5, 16);
  assert.deepEqual(passageAt(state), { quote: "two. Three", prefix: "One ", suffix: " four." });
});

test("without a selection there is no quote", () => {
  assert.equal(passageAt(selected("<p>One two.</p>", 3, 3)).quote, "");
});
