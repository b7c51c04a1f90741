import "./words-for-tests.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { EditorState } from "prosemirror-state";

const { read } = await import("./schema.js");
const { commented, markSelection, markedIn, marks } = await import("./commented.js");

const passage = (quote, prefix = "", suffix = "") => ({ quote, prefix, suffix, thread: "1" });
const words = (doc, set) => set.find().map(({ from, to }) => doc.textBetween(from, to, " ", " "));

test("a passage is marked where its words are, also over paragraphs", () => {
  const doc = read("<p>The bridge  stands <em>over</em> the river.</p><p>It fell.</p>");
  assert.deepEqual(words(doc, marks(doc, [passage("stands over the")])), ["stands over the"]);
  assert.deepEqual(words(doc, marks(doc, [passage("river. It")])), ["river. It"]);
});

test("the words around a passage tell it from others, and changed words are not marked", () => {
  const doc = read("<p>The ferry left. Then the ferry came back.</p>");
  const [found] = marks(doc, [passage("ferry", "Then the", "came back")]).find();
  assert.equal(found.from, 26);
  assert.deepEqual(marks(doc, [passage("the boat"), passage("")]).find(), []);
});

test("marks follow the text, and what gets a comment is marked", () => {
  const doc = read("<p>The bridge stands.</p>");
  let state = EditorState.create({ doc, plugins: [commented([passage("bridge")], "/desk/articles/1/comments")] });
  state = state.apply(state.tr.insertText("Look: ", 1));
  assert.deepEqual(words(state.doc, markedIn(state)), ["bridge"]);
  state = state.apply(markSelection(state, { from: 18, to: 24 }));
  assert.deepEqual(words(state.doc, markedIn(state)), ["bridge", "stands"]);
  state = state.apply(state.tr.delete(11, 17));
  assert.deepEqual(words(state.doc, markedIn(state)), ["stands"]);
});
