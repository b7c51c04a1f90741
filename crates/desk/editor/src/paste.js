// What word processors put on the clipboard, made into what a newsroom means by it.

import { parsed } from "./schema.js";

// Word writes a list as paragraphs, each with its bullet or number as text.
function listOf(paragraph) {
  if (!/MsoListParagraph/.test(paragraph.className)) return null;
  const bullet = [...paragraph.querySelectorAll("span")].find((span) => /mso-list:\s*ignore/i.test(span.getAttribute("style") ?? ""));
  const sign = (bullet ?? paragraph).textContent.trim();
  bullet?.remove();
  return /^[\da-z]+[.)]/i.test(sign) ? "ol" : "ul";
}

function makeLists(body) {
  let list = null;
  for (const paragraph of [...body.querySelectorAll("p")]) {
    const kind = listOf(paragraph);
    if (!kind) {
      list = null;
      continue;
    }
    if (!list || list.localName !== kind || list.nextElementSibling !== paragraph) {
      list = body.ownerDocument.createElement(kind);
      paragraph.before(list);
    }
    const item = body.ownerDocument.createElement("li");
    item.append(...paragraph.childNodes);
    list.append(item);
    paragraph.remove();
  }
}

// Google Docs and others say with a style what HTML has an element for.
function nameStyles(body) {
  for (const span of [...body.querySelectorAll("span[style]")]) {
    const style = span.getAttribute("style");
    const tags = [];
    if (/font-weight:\s*(bold|[6-9]00)/i.test(style)) tags.push("strong");
    if (/font-style:\s*italic/i.test(style)) tags.push("em");
    if (/vertical-align:\s*super/i.test(style)) tags.push("sup");
    if (/vertical-align:\s*sub\b/i.test(style)) tags.push("sub");
    let inner = [...span.childNodes];
    for (const tag of tags) {
      const element = body.ownerDocument.createElement(tag);
      element.append(...inner);
      inner = [element];
    }
    span.replaceWith(...inner);
  }
  for (const bold of body.querySelectorAll("b[style*='font-weight:normal'], b[style*='font-weight: normal']")) bold.replaceWith(...bold.childNodes);
}

export function cleanPasted(html) {
  const { body } = parsed(html.replace(/<!--[\s\S]*?-->/g, "").replace(/<!\[(if|endif)[^>]*>/gi, ""));
  for (const noise of body.querySelectorAll("style, script, meta, link, title, xml, o\\:p")) noise.remove();
  makeLists(body);
  nameStyles(body);
  // Documents that others published bring pictures that are theirs: only their words are taken.
  for (const image of body.querySelectorAll("img")) {
    if (!(image.getAttribute("src") ?? "").startsWith("/media/")) image.remove();
  }
  for (const usual of body.querySelectorAll("[dir=ltr]")) usual.removeAttribute("dir");
  for (const named of body.querySelectorAll("[style], [class], [id]")) {
    const isOurs = named.matches("blockquote.pullquote, figure.embed, figure.wide, figure.gallery, aside.fact, aside.ingredients, ol.footnotes, sup.footnote");
    named.removeAttribute("style");
    if (!/^fn(ref)?-/.test(named.id)) named.removeAttribute("id");
    if (!isOurs) named.removeAttribute("class");
  }
  for (const empty of body.querySelectorAll("p")) if (!empty.textContent.trim() && !empty.querySelector("img")) empty.remove();
  return body.innerHTML;
}
