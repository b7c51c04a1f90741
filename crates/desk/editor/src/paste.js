// What word processors put on the clipboard, made into what a newsroom means by it.

import { makeFootnotes } from "./foreign-notes.js";
import { parsed } from "./html.js";
import { acceptPasted } from "./tracked.js";

// Word writes a list as paragraphs, each with its bullet or number as text.
function listOf(paragraph) {
  if (!/MsoListParagraph/.test(paragraph.className)) return null;
  const bullet = [...paragraph.querySelectorAll("span")].find((span) => /mso-list:\s*ignore/i.test(span.getAttribute("style") ?? ""));
  const sign = (bullet ?? paragraph).textContent.trim();
  bullet?.remove();
  return /^[\da-z]+[.)]/i.test(sign) ? "ol" : "ul";
}

// How deep an item is nested: Word says it in the style of its paragraph.
function levelOf(paragraph) {
  return Number(/mso-list:[^;]*level(\d)/i.exec(paragraph.getAttribute("style") ?? "")?.[1] ?? 1);
}

function makeLists(body) {
  // The list of each level that is being written.
  let open = [];
  for (const paragraph of [...body.querySelectorAll("p")]) {
    const level = levelOf(paragraph);
    const kind = listOf(paragraph);
    if (!kind) {
      open = [];
      continue;
    }
    if (open.length && open[0].nextElementSibling !== paragraph) open = [];
    open.length = Math.min(open.length, level);
    if (open.length === level && open.at(-1).localName !== kind) open.pop();
    if (open.length < level) {
      const list = body.ownerDocument.createElement(kind);
      const around = open.at(-1)?.lastElementChild;
      if (around) around.append(list);
      else paragraph.before(list);
      open.push(list);
    }
    const item = body.ownerDocument.createElement("li");
    item.append(...paragraph.childNodes);
    open.at(-1).append(item);
    paragraph.remove();
  }
}

// The value of a property in the style of an element. Word has properties of its own that end with the name of another:
// mso-bidi-font-weight is the weight of Arabic and Hebrew letters, and says nothing about the others.
function styled(element, property) {
  const declarations = (element.getAttribute("style") ?? "").split(";").map((declaration) => declaration.split(":"));
  const values = declarations.filter(([name]) => name.trim().toLowerCase() === property).map(([, value = ""]) => value.trim().toLowerCase());
  return values.at(-1) ?? "";
}

// Google Docs and others say with a style what HTML has an element for.
function nameStyles(body) {
  for (const span of [...body.querySelectorAll("span[style]")]) {
    const tags = [];
    if (/^(bold|bolder|[6-9]00)\b/.test(styled(span, "font-weight"))) tags.push("strong");
    if (/^(italic|oblique)\b/.test(styled(span, "font-style"))) tags.push("em");
    if (["text-decoration", "text-decoration-line"].some((name) => /\bline-through\b/.test(styled(span, name)))) tags.push("s");
    if (/^super\b/.test(styled(span, "vertical-align"))) tags.push("sup");
    if (/^sub\b/.test(styled(span, "vertical-align"))) tags.push("sub");
    let inner = [...span.childNodes];
    for (const tag of tags) {
      const element = body.ownerDocument.createElement(tag);
      element.append(...inner);
      inner = [element];
    }
    span.replaceWith(...inner);
  }
  // Google Docs wraps everything in one.
  for (const bold of body.querySelectorAll("b[style]")) {
    if (/^(normal|[1-4]00)\b/.test(styled(bold, "font-weight"))) bold.replaceWith(...bold.childNodes);
  }
}

export function cleanPasted(html) {
  const { body } = parsed(html.replace(/<!--[\s\S]*?-->/g, "").replace(/<!\[(if|endif)[^>]*>/gi, ""));
  for (const noise of body.querySelectorAll("style, script, meta, link, title, xml, o\\:p")) noise.remove();
  // What was copied here keeps its marks.
  if (!html.includes("data-pm-slice")) {
    acceptPasted(body);
    makeFootnotes(body);
  }
  makeLists(body);
  nameStyles(body);
  // Documents that others published bring pictures that are theirs: only their words are taken.
  for (const image of body.querySelectorAll("img")) {
    if (!(image.getAttribute("src") ?? "").startsWith("/media/")) image.remove();
  }
  // A figure without its picture is only its caption.
  for (const figure of body.querySelectorAll("figure:not(.embed, .gallery)")) {
    if (figure.querySelector("img, table, iframe, pre")) continue;
    for (const caption of figure.querySelectorAll("figcaption")) {
      const words = body.ownerDocument.createElement("p");
      words.append(...caption.childNodes);
      caption.replaceWith(words);
    }
    figure.replaceWith(...figure.childNodes);
  }
  for (const usual of body.querySelectorAll("[dir=ltr]")) usual.removeAttribute("dir");
  for (const named of body.querySelectorAll("[style], [class], [id]")) {
    const isOurs = named.matches("blockquote.pullquote, figure.embed, figure.wide, figure.gallery, aside.fact, aside.ingredients, aside.related, ol.footnotes, sup.footnote");
    named.removeAttribute("style");
    if (!/^fn(ref)?-/.test(named.id)) named.removeAttribute("id");
    if (!isOurs) named.removeAttribute("class");
  }
  for (const empty of body.querySelectorAll("p")) if (!empty.textContent.trim() && !empty.querySelector("img")) empty.remove();
  return body.innerHTML;
}
