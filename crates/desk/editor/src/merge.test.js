import assert from "node:assert/strict";
import test from "node:test";

import "./words-for-tests.js";

const { mergeDocs, mergeLists, mergeWords } = await import("./merge.js");
const { read, schema, write } = await import("./schema.js");

const merge = (base, mine, theirs) => {
  const { merged, isClean } = mergeLists([...base], [...mine], [...theirs], () => null);
  return isClean ? merged.join("") : `${merged.join("")}!`;
};

test("what one has changed is taken", () => {
  assert.equal(merge("abc", "abc", "aXc"), "aXc");
  assert.equal(merge("abc", "aXc", "abc"), "aXc");
  assert.equal(merge("abc", "ac", "abc"), "ac");
  assert.equal(merge("", "", "x"), "x");
});

test("changes in different places are brought together", () => {
  assert.equal(merge("abcd", "Xbcd", "abcY"), "XbcY");
  assert.equal(merge("abcd", "abcdM", "Tabcd"), "TabcdM");
  assert.equal(merge("abcd", "acd", "abc"), "ac");
  assert.equal(merge("ab", "aX", "Yb"), "YX");
});

test("what both have added in one place is kept, theirs first", () => {
  assert.equal(merge("ab", "aMb", "aTb"), "aTMb");
});

test("what came back from a save whose answer was lost is not added again", () => {
  assert.equal(mergeWords("Saved.", "Saved. One two", "Saved. One"), "Saved. One two");
  assert.equal(mergeWords("Saved.", "Saved. One", "Saved. One two"), "Saved. One two");
  assert.equal(mergeWords("Saved.", "Saved. One", "Saved. Two"), "Saved. Two One");
});

test("the same change is made once", () => {
  assert.equal(merge("abc", "aXc", "aXc"), "aXc");
});

test("where both have changed the same, theirs is kept and it is said", () => {
  assert.equal(merge("abc", "aMc", "aTc"), "aTc!");
  assert.equal(merge("abc", "ac", "aTc"), "aTc!");
});

test("words are brought together", () => {
  assert.equal(mergeWords("The ferry left late.", "The old ferry left late.", "The ferry left early."), "The old ferry left early.");
  assert.equal(mergeWords("The ferry left.", "The boat left.", "The ship left."), null);
});

test("long texts are brought together in an instant", () => {
  const base = Array.from({ length: 20000 }, (_, word) => `word${word % 700}`).join(" ");
  const begun = performance.now();
  assert.equal(mergeWords(base, `Mine ${base}`, `${base} theirs`), `Mine ${base} theirs`);
  assert.ok(performance.now() - begun < 1000);
});

test("notes that two writers add are both kept", () => {
  const list = (...names) => read(`<p>One</p><ol class="footnotes">${names.map((name) => `<li id="fn-${name}">${name} <a href="#fnref-${name}">↩</a></li>`).join("")}</ol>`);
  const { doc, isClean } = mergeDocs(schema, list("a"), list("a", "mine"), list("a", "theirs"));
  assert.ok(isClean);
  assert.equal(write(doc), write(list("a", "theirs", "mine")));
});
