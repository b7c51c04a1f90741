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

const unnamed = (html) => html.replace(/(#?fn(?:ref)?)-[a-z0-9]+/g, "$1-x");
const note = (words) => `<li id="fn-x"><p>${words}</p></li>`;
const reference = (number) => `<sup class="footnote"><a href="#fn-x" id="fnref-x">${number}</a></sup>`;

test("footnotes of Word become footnotes", () => {
  const mark = (number) => `<a style='mso-footnote-id:ftn${number}' href="#_ftn${number}" name="_ftnref${number}" title=""><span class=MsoFootnoteReference><span style='mso-special-character:footnote'><![if !supportFootnotes]><span class=MsoFootnoteReference><span style='font-size:12.0pt'>[${number}]</span></span><![endif]></span></span></a>`;
  const back = (number) => `<a style='mso-footnote-id:ftn${number}' href="#_ftnref${number}" name="_ftn${number}" title=""><span class=MsoFootnoteReference><![if !supportFootnotes]><span>[${number}]</span><![endif]></span></a>`;
  const written = (number, words) => `<div style='mso-element:footnote' id=ftn${number}><p class=MsoFootnoteText>${back(number)} ${words}</p></div>`;
  const html = `<p class=MsoNormal>The bridge${mark(1)} opens${mark(2)}.</p><div style='mso-element:footnote-list'><![if !supportFootnotes]><br clear=all><hr align=left size=1 width="33%"><![endif]>${written(1, "Of <i>stone</i>.")}${written(2, "At noon.")}</div>`;
  assert.equal(
    unnamed(word(html)),
    `<p>The bridge${reference(1)} opens${reference(2)}.</p><ol class="footnotes">${note("Of <i>stone</i>.")}${note("At noon.")}</ol>`,
  );
});

test("a link whose percent sign encodes nothing is pasted like any other", () => {
  assert.equal(cleanPasted(`<p><a href="#100%">All</a> of it.</p>`), "<p>All of it.</p>");
});

test("footnotes of LibreOffice and Google Docs become footnotes", () => {
  const office = `<p>One<a class="sdfootnoteanc" name="sdfootnote1anc" href="#sdfootnote1sym"><sup>1</sup></a>.</p><div id="sdfootnote1"><p class="sdfootnote"><a class="sdfootnotesym" name="sdfootnote1sym" href="#sdfootnote1anc">1</a>Note.</p></div>`;
  const docs = `<p>One<sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup>.</p><hr><div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a> Note.</p></div>`;
  for (const html of [office, docs]) assert.equal(unnamed(cleanPasted(html)), `<p>One${reference(1)}.</p><ol class="footnotes">${note("Note.")}</ol>`);
});

test("a link to a place that was not copied becomes plain text", () => {
  assert.equal(word(`<p class=MsoNormal>See <a href="#_Toc1">below</a><a href="#_ftn1" name="_ftnref1">[1]</a>, <a href="https://example.org/#a">there</a>.</p>`), `<p>See below[1], <a href="https://example.org/#a">there</a>.</p>`);
});
