import assert from "node:assert/strict";
import test from "node:test";
import { corrected, languageOf, printed } from "./typography.js";

function typed(keys, language = "en") {
  let text = "";
  for (const key of keys) {
    text += key;
    const change = corrected(text, text.length, language);
    if (change) text = text.slice(0, change.start) + change.words;
  }
  return text;
}

test("quotation marks and dashes are those of print", () => {
  assert.equal(typed('Rich "quoted" piece -- it\'s here...'), "Rich “quoted” piece – it’s here…");
  assert.equal(typed('("In brackets") - and \'single\'.'), "(“In brackets”) – and ‘single’.");
  assert.equal(typed("well-known 9-5"), "well-known 9-5");
});

test("each language has its own", () => {
  assert.equal(typed('Er sagte: "Ja."', "de"), "Er sagte: „Ja.“");
  assert.equal(typed('Elle dit "oui".', "fr"), "Elle dit «\u202foui\u202f».");
  assert.equal(typed("l'heure", "fr"), "l’heure");
  assert.equal(languageOf("pt-PT"), "en");
  assert.equal(languageOf("de-CH"), "de");
});

test("a decade has an apostrophe, and a quotation that begins with a number has none", () => {
  assert.equal(typed("the '90s were"), "the ’90s were");
  assert.equal(typed("the '90 seconds'"), "the ‘90 seconds’");
});

test("words that are put in have the signs of print", () => {
  assert.equal(printed('"that\'s', "", "en"), "“that’s");
  assert.equal(printed('fine"', "s ", "en"), "fine”");
  assert.equal(printed('"', "e", "de"), "“");
  assert.equal(printed(" - yes", "no", "en"), " – yes");
  assert.equal(printed("plain", "‘90", "en"), "plain");
});
