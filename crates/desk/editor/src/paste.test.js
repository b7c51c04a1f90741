import assert from "node:assert/strict";
import test from "node:test";
import "./words-for-tests.js";

const { cleanPasted } = await import("./paste.js");

const word = (html) => cleanPasted(`<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><!--StartFragment-->${html}<!--EndFragment--></body></html>`);

test("bold of Word stays bold, and what it says about other scripts changes nothing", () => {
  assert.equal(
    word(`<p class=MsoNormal>One <b style='mso-bidi-font-weight:normal'>bold word</b>.</p>`),
    "<p>One <b>bold word</b>.</p>",
  );
  assert.equal(
    word(`<p class=MsoNormal><span style='mso-bidi-font-weight:bold'>Upright</span> and <span style='mso-bidi-font-style:italic'>roman</span>.</p>`),
    "<p>Upright and roman.</p>",
  );
  assert.equal(
    word(`<p class=MsoNormal><i style='mso-bidi-font-style:normal'>slanted</i></p>`),
    "<p><i>slanted</i></p>",
  );
});

test("what is struck through stays so", () => {
  assert.equal(word(`<p><span style='text-decoration:line-through'>struck</span></p>`), "<p><s>struck</s></p>");
  assert.equal(word(`<p><s>struck</s></p>`), "<p><s>struck</s></p>");
});

test("the styles of Google Docs become elements", () => {
  assert.equal(
    cleanPasted(`<b style="font-weight:normal;" id="docs-internal-guid-1"><p><span style="font-size:11pt;font-weight:700;font-style:italic">Both</span><span style="font-weight:400"> none</span></p></b>`),
    "<p><em><strong>Both</strong></em> none</p>",
  );
});

test("lists of Word keep their levels", () => {
  const item = (level, text) => `<p class=MsoListParagraph style='mso-list:l0 level${level} lfo1'><span style='mso-list:Ignore'>·</span>${text}</p>`;
  assert.equal(
    word(item(1, "One") + item(2, "Two") + item(1, "Three")),
    "<ul><li>One<ul><li>Two</li></ul></li><li>Three</li></ul>",
  );
});
