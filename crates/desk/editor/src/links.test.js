import assert from "node:assert/strict";
import test from "node:test";


import "./words-for-tests.js";
const { addressOf } = await import("./links.js");

test("typed addresses become links", () => {
  assert.equal(addressOf(" paper.example/town "), "https://paper.example/town");
  assert.equal(addressOf("paper.example:8080/x"), "https://paper.example:8080/x");
  assert.equal(addressOf("http://paper.example"), "http://paper.example");
  assert.equal(addressOf("/town/bridge"), "/town/bridge");
  assert.equal(addressOf("#fn-1"), "#fn-1");
  assert.equal(addressOf("desk@paper.example"), "mailto:desk@paper.example");
  assert.equal(addressOf("tel:+351210000000"), "tel:+351210000000");
});

test("what no link may lead to is refused", () => {
  for (const refused of ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//x", "two words", "word", ""]) {
    assert.equal(addressOf(refused), null, refused);
  }
});
