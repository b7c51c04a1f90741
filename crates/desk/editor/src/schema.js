// What may stand in the text of an article, and how it is written as HTML. It holds everything that the server's
// own rules let through (crates/editorial/src/clean.rs), so that opening an old article loses nothing: what the
// editor has no tools for is kept as it is.

import { Schema, DOMParser, DOMSerializer } from "prosemirror-model";
import { tableNodes } from "prosemirror-tables";
import { parsed } from "./html.js";
import { noteNodes, writeBacklinks } from "./note-nodes.js";

const speech = { lang: { default: null }, dir: { default: null } };

function speechOf(dom) {
  return { lang: dom.getAttribute("lang"), dir: dom.getAttribute("dir") };
}

// An element with its attributes, but for those that are not set.
function element(tag, attributes, ...content) {
  const set = Object.entries(attributes).filter(([, value]) => value !== null && value !== "");
  return [tag, Object.fromEntries(set), ...content];
}

// Marks that the editor shows and has no button for.
const STYLED = ["u", "s", "del", "ins", "sub", "sup", "small", "mark", "code", "kbd", "samp", "var", "q", "cite", "abbr", "time", "bdo"];

// The boxes beside the text.
const BOXES = ["fact", "ingredients", "related"];

const align = {
  default: null,
  getFromDOM: (dom) => dom.getAttribute("align"),
  setDOMAttr: (value, attributes) => {
    if (value) attributes.align = value;
  },
};
const tables = tableNodes({ tableGroup: "block", cellContent: "block+", cellAttributes: { align } });

// The credit of a picture is at the end of its caption.
function creditOf(figure) {
  return figure.querySelector("figcaption > small:last-child")?.textContent ?? "";
}

function captionOf(figure) {
  const caption = figure.querySelector("figcaption")?.cloneNode(true) ?? figure.ownerDocument.createElement("figcaption");
  caption.querySelector(":scope > small:last-child")?.remove();
  return caption;
}

function embedOf(figure) {
  return {
    href: figure.querySelector("a")?.getAttribute("href") ?? "",
    title: figure.querySelector("a > strong")?.textContent ?? "",
    picture: figure.querySelector("a > img")?.getAttribute("src") ?? "",
  };
}

// A gallery that the editor has tools for: nothing but pictures.
function isGallery(dom) {
  return [...dom.children].every((child) => child.localName === "figure" && child.querySelectorAll("img[src]").length === 1) && dom.children.length > 0;
}

// Whether a link that was pasted may lead there. The server refuses others as well.
function isHarmless(address) {
  return !/^(javascript|data|vbscript):/i.test(address.replace(/[\0- ]/g, ""));
}

export function hostOf(address) {
  try {
    return new URL(address).hostname.replace(/^www\./, "");
  } catch {
    return "";
  }
}

export const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    paragraph: {
      content: "inline*",
      group: "block",
      attrs: speech,
      parseDOM: [{ tag: "p", getAttrs: speechOf }],
      toDOM: (node) => element("p", node.attrs, 0),
    },
    crosshead: {
      content: "inline*",
      group: "block",
      defining: true,
      attrs: { level: { default: 2 }, ...speech },
      parseDOM: [1, 2, 3, 4, 5, 6].map((level) => ({
        tag: `h${level}`,
        getAttrs: (dom) => ({ level: Math.max(level, 2), ...speechOf(dom) }),
      })),
      toDOM: ({ attrs: { level, ...rest } }) => element(`h${level}`, rest, 0),
    },
    quote: {
      content: "block+",
      group: "block",
      defining: true,
      attrs: { pull: { default: false }, ...speech },
      parseDOM: [{ tag: "blockquote", getAttrs: (dom) => ({ pull: dom.classList.contains("pullquote"), ...speechOf(dom) }) }],
      toDOM: ({ attrs: { pull, ...rest } }) => element("blockquote", { class: pull ? "pullquote" : null, ...rest }, 0),
    },
    box: {
      content: "block+",
      group: "block",
      defining: true,
      attrs: { kind: { default: "fact" } },
      parseDOM: BOXES.map((kind) => ({ tag: `aside.${kind}`, attrs: { kind } })),
      toDOM: ({ attrs: { kind } }) => ["aside", { class: kind }, 0],
    },
    bullet_list: {
      content: "list_item+",
      group: "block",
      parseDOM: [{ tag: "ul" }],
      toDOM: () => ["ul", 0],
    },
    ordered_list: {
      content: "list_item+",
      group: "block",
      attrs: { order: { default: 1 } },
      parseDOM: [{ tag: "ol", getAttrs: (dom) => ({ order: dom.hasAttribute("start") ? dom.start : 1 }) }],
      toDOM: ({ attrs: { order } }) => element("ol", { start: order === 1 ? null : order }, 0),
    },
    list_item: {
      content: "block+",
      defining: true,
      parseDOM: [{ tag: "li" }],
      toDOM: () => ["li", 0],
    },
    embed: {
      group: "block",
      atom: true,
      // The title and a picture, as the site has said them.
      attrs: { href: {}, title: { default: "" }, picture: { default: "" } },
      parseDOM: [
        { tag: "figure.embed", priority: 70, getAttrs: embedOf },
        { tag: "iframe[src^=http]", getAttrs: (dom) => ({ href: dom.getAttribute("src") }) },
      ],
      toDOM: ({ attrs: { href, title, picture } }) => {
        const image = picture ? [["img", { src: picture, alt: "" }]] : [];
        return ["figure", { class: "embed" }, ["a", { href }, ...image, title ? ["strong", title] : hostOf(href)]];
      },
    },
    picture: {
      content: "inline*",
      group: "block",
      attrs: { src: {}, alt: { default: "" }, credit: { default: "" }, wide: { default: false } },
      parseDOM: [
        {
          tag: "figure",
          priority: 60,
          getAttrs: (dom) => {
            const images = dom.querySelectorAll("img[src]");
            if (images.length !== 1) return false;
            return { src: images[0].getAttribute("src"), alt: images[0].getAttribute("alt") ?? "", credit: creditOf(dom), wide: dom.classList.contains("wide") };
          },
          contentElement: captionOf,
        },
        { tag: "img[src]", getAttrs: (dom) => ({ src: dom.getAttribute("src"), alt: dom.getAttribute("alt") ?? "" }) },
      ],
      toDOM: ({ attrs: { src, alt, credit, wide } }) => [
        "figure",
        wide ? { class: "wide" } : {},
        ["img", { src, alt }],
        element("figcaption", { title: credit }, 0),
      ],
    },
    gallery: {
      content: "picture*",
      group: "block",
      isolating: true,
      parseDOM: [{ tag: "figure.gallery", priority: 68, getAttrs: (dom) => isGallery(dom) && null }],
      toDOM: () => ["figure", { class: "gallery" }, 0],
    },
    kept: {
      group: "block",
      atom: true,
      attrs: { html: {} },
      parseDOM: ["details", "dl", "pre", "table:has(> caption)", "figure.gallery", "figure"].map((tag) => ({
        tag,
        priority: tag === "figure" ? 55 : 65,
        getAttrs: (dom) => ({ html: dom.outerHTML }),
      })),
      toDOM: ({ attrs: { html } }) => parsed(html).body.firstElementChild ?? ["p"],
    },
    rule: { group: "block", parseDOM: [{ tag: "hr" }], toDOM: () => ["hr"] },
    text: { group: "inline" },
    line_break: {
      inline: true,
      group: "inline",
      selectable: false,
      parseDOM: [{ tag: "br" }],
      toDOM: () => ["br"],
    },
    ruby: {
      inline: true,
      group: "inline",
      atom: true,
      attrs: { html: {} },
      parseDOM: [{ tag: "ruby", getAttrs: (dom) => ({ html: dom.outerHTML }) }],
      toDOM: ({ attrs: { html } }) => parsed(html).body.firstElementChild ?? ["span"],
    },
    ...noteNodes,
    ...tables,
  },
  marks: {
    link: {
      attrs: { href: {} },
      inclusive: false,
      parseDOM: [{ tag: "a[href]", getAttrs: (dom) => isHarmless(dom.getAttribute("href")) && { href: dom.getAttribute("href") } }],
      toDOM: ({ attrs }) => ["a", attrs, 0],
    },
    strong: {
      parseDOM: [
        { tag: "strong" },
        // Google Docs wraps everything in a b that is not bold.
        { tag: "b", getAttrs: (dom) => dom.style.fontWeight !== "normal" && null },
        { style: "font-weight=400", clearMark: (mark) => mark.type.name === "strong" },
        { style: "font-weight", getAttrs: (value) => /^(bold(er)?|[6-9]\d\d)$/.test(value) && null },
      ],
      toDOM: () => ["strong", 0],
    },
    emphasis: {
      parseDOM: [{ tag: "em" }, { tag: "i", getAttrs: (dom) => dom.style.fontStyle !== "normal" && null }, { style: "font-style=italic" }],
      toDOM: () => ["em", 0],
    },
    styled: {
      attrs: { tag: {}, title: { default: null }, datetime: { default: null }, ...speech },
      excludes: "",
      parseDOM: STYLED.map((tag) => ({
        tag,
        getAttrs: (dom) => ({ tag, title: dom.getAttribute("title"), datetime: dom.getAttribute("datetime"), ...speechOf(dom) }),
      })),
      toDOM: ({ attrs: { tag, ...rest } }) => element(tag, rest, 0),
    },
  },
});

export function read(html) {
  return DOMParser.fromSchema(schema).parse(parsed(html).body);
}

// Blocks never change, so each is written once: while somebody types, only the one that they type in is.
const written = new WeakMap();

function writeBlock(block) {
  if (!written.has(block)) written.set(block, htmlOf(block));
  return written.get(block);
}

function htmlOf(block) {
  const page = document.implementation.createHTMLDocument("");
  page.body.append(DOMSerializer.fromSchema(schema).serializeNode(block, { document: page }));
  for (const caption of page.querySelectorAll("figcaption[title]")) {
    const credit = page.createElement("small");
    credit.textContent = caption.title;
    caption.removeAttribute("title");
    caption.append(caption.childNodes.length ? " " : "", credit);
  }
  for (const list of page.querySelectorAll("ol.footnotes")) writeBacklinks(list, block);
  // One paragraph in an item or a cell is the item itself.
  for (const inner of page.querySelectorAll("li > p:first-child, td > p:only-child, th > p:only-child")) {
    if (inner.parentElement.querySelectorAll(":scope > p").length === 1 && !inner.attributes.length) inner.replaceWith(...inner.childNodes);
  }
  return [...page.body.children].map((child) => child.outerHTML).join("\n");
}

export function write(doc) {
  return doc.content.content.map(writeBlock).join("\n").replaceAll("<p></p>", "");
}

// Whether nobody has written anything.
export function isEmpty(doc) {
  return doc.childCount === 1 && doc.firstChild.isTextblock && doc.firstChild.content.size === 0;
}
