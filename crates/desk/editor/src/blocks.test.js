import assert from "node:assert/strict";
import test from "node:test";
import "./words-for-tests.js";

const { found } = await import("./blocks.js");

const WORDS = { table: "Table", table_also: "grid, rows", pull_quote: "Pull quote", pull_quote_also: "highlight", quote: "Quote", quote_also: "blockquote", picture: "Gemälde", picture_also: "table picture" };
const ALL = ["picture", "quote", "pull_quote", "table"].map((id) => ({ id, also: `${id}_also` }));
const ids = (typed) => found(ALL, typed, (key) => WORDS[key]).map(({ id }) => id);

test("blocks are found by the words of their names, then by what else they are called", () => {
  assert.deepEqual(ids(""), ["picture", "quote", "pull_quote", "table"]);
  assert.deepEqual(ids("quo"), ["quote", "pull_quote"]);
  assert.deepEqual(ids("TAB"), ["table", "picture"]);
  assert.deepEqual(ids("gemal"), ["picture"]);
  assert.deepEqual(ids("pull quote"), ["pull_quote"]);
  assert.deepEqual(ids("rows"), ["table"]);
  assert.deepEqual(ids("uote"), []);
});
