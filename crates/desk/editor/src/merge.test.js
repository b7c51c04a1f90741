import assert from "node:assert/strict";
import test from "node:test";
import { mergeLists, mergeWords } from "./merge.js";

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

test("the same change is made once", () => {
  assert.equal(merge("abc", "aXc", "aXc"), "aXc");
});

test("where both have changed the same, theirs stands and it is said", () => {
  assert.equal(merge("abc", "aMc", "aTc"), "aTc!");
  assert.equal(merge("abc", "ac", "aTc"), "aTc!");
});

test("words are brought together", () => {
  assert.equal(mergeWords("The ferry left late.", "The old ferry left late.", "The ferry left early."), "The old ferry left early.");
  assert.equal(mergeWords("The ferry left.", "The boat left.", "The ship left."), null);
});
