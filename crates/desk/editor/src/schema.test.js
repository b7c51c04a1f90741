import assert from "node:assert/strict";
import test from "node:test";
import "./words-for-tests.js";

const { read, write } = await import("./schema.js");

const CREDITED = '<figure><img src="/media/a.jpg" alt="A"><figcaption>One <small>Ada</small></figcaption></figure>';
const PLAIN = '<figure><img src="/media/b.jpg" alt=""><figcaption></figcaption></figure>';
const NOTE = '<sup class="footnote"><a href="#fn-ice" id="fnref-ice">1</a></sup>';

// What is written after it was read, and after that was read again.
const again = (html) => write(read(html));

test("every block is written as it was read", () => {
  const blocks = [
    "<p>One <strong>two</strong> <em>three</em></p>",
    "<h2>Head</h2>",
    "<blockquote><p>Said.</p></blockquote>",
    '<blockquote class="pullquote"><p>Said large.</p></blockquote>',
    '<aside class="fact"><h2>The bridge</h2><ul><li>Old</li></ul></aside>',
    '<aside class="ingredients"><ul><li>Salt</li></ul></aside>',
    '<aside class="related"><p><a href="/town/bridge">The bridge</a></p></aside>',
    CREDITED,
    `<figure class="gallery">${CREDITED}${PLAIN}</figure>`,
    '<figure class="embed"><a href="https://youtu.be/a1">youtu.be</a></figure>',
    '<figure class="embed"><a href="https://youtu.be/a1"><img src="/media/a.jpg" alt=""><strong>The bridge</strong></a></figure>',
    "<hr>",
    "<table><tbody><tr><th>Year</th></tr><tr><td>1926</td></tr></tbody></table>",
    `<p>Daily.${NOTE}</p>\n<ol class="footnotes"><li id="fn-ice">But once. <a href="#fnref-ice">↩</a></li></ol>`,
    "<details><summary>More</summary><p>Kept</p></details>",
  ];
  for (const html of blocks) assert.equal(again(html), html);
});

test("footnotes of a Markdown file are read, with several references and paragraphs", () => {
  const second = NOTE.replace('id="fnref-ice"', 'id="fnref-ice-2"');
  const list = '<ol class="footnotes">\n<li id="fn-ice">\n<p>One.</p>\n<p>Two. <a href="#fnref-ice" rel="noopener">↩</a> <a href="#fnref-ice-2" rel="noopener">↩<sup class="footnote-ref">2</sup></a></p>\n</li>\n</ol>';
  const written = again(`<p>A${NOTE} b${second}</p>${list}`);
  const item = '<li id="fn-ice"><p>One.</p><p>Two. <a href="#fnref-ice">↩</a> <a href="#fnref-ice-2">↩2</a></p></li>';
  assert.equal(written, `<p>A${NOTE} b${second}</p>\n<ol class="footnotes">${item}</ol>`);
  assert.equal(again(written), written);
});

test("a gallery with more than pictures is kept as it is", () => {
  const html = `<figure class="gallery">${PLAIN}<figcaption>All</figcaption></figure>`;
  assert.equal(again(html), html);
});
