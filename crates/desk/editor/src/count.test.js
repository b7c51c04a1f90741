import assert from "node:assert/strict";
import test from "node:test";
import "./words-for-tests.js";

const { counted, lengthOf, minutes } = await import("./count.js");
const { read } = await import("./schema.js");

test("words are counted as the reading time of the site counts them", () => {
  const time = (text) => minutes(counted(text));
  assert.deepEqual([0, 1, 344, 345, 2300].map((count) => time("word ".repeat(count))), [0, 1, 1, 2, 10]);
  assert.equal(time("潮汐は".repeat(500)), 3);
  assert.equal(time(`${"word ".repeat(230)}${"潮".repeat(500)}`), 2);
  assert.equal(time("— …"), 0);
});

test("words of all blocks are counted, also in lists, boxes and tables", () => {
  const doc = read("<p>One two</p><ul><li>three</li></ul><aside class=fact><p>four<br>five</p></aside><table><tr><td>six</td><td>seven</td></tr></table>");
  assert.equal(lengthOf(doc).words, 7);
});
