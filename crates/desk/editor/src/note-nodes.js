// Footnotes as Markdown files have them, too: a reference in the text, which leads to an item of the list at the end, and
// back. `name` is that of the note; `mark` that of the reference, of which a note can have several.

const backlink = (mark, count) => ["a", { href: `#fnref-${mark}` }, count > 1 ? `↩${count}` : "↩"];

function nameIn(dom, selector, attribute, prefix) {
  const value = dom.querySelector(selector)?.getAttribute(attribute) ?? "";
  return value.startsWith(prefix) ? value.slice(prefix.length) : "";
}

// The item without the links back, which are written again.
function withoutBacklinks(item) {
  const copy = item.cloneNode(true);
  for (const link of copy.querySelectorAll("a[href^='#fnref-']")) {
    const before = link.previousSibling;
    if (before?.nodeType === 3) before.textContent = before.textContent.trimEnd();
    link.remove();
  }
  return copy;
}

export const noteNodes = {
  footnote: {
    inline: true,
    group: "inline",
    atom: true,
    attrs: { name: {}, mark: {}, number: { default: 0 } },
    parseDOM: [
      {
        tag: "sup.footnote",
        priority: 70,
        getAttrs: (dom) => {
          const name = nameIn(dom, "a", "href", "#fn-");
          return name ? { name, mark: nameIn(dom, "a", "id", "fnref-") || name, number: Number(dom.textContent) || 0 } : false;
        },
      },
    ],
    toDOM: ({ attrs: { name, mark, number } }) => ["sup", { class: "footnote" }, ["a", { href: `#fn-${name}`, id: `fnref-${mark}` }, String(number)]],
  },
  footnotes: {
    content: "note+",
    group: "block",
    isolating: true,
    parseDOM: [{ tag: "ol.footnotes", priority: 70 }],
    toDOM: () => ["ol", { class: "footnotes" }, 0],
  },
  note: {
    content: "block+",
    defining: true,
    isolating: true,
    // The references to it, in their order, for the links back.
    attrs: { name: { default: "" }, marks: { default: "" } },
    parseDOM: [
      {
        tag: "ol.footnotes > li",
        priority: 75,
        getAttrs: (dom) => {
          const marks = [...dom.querySelectorAll("a[href^='#fnref-']")].map((link) => link.getAttribute("href").slice(7));
          return { name: dom.id.replace(/^fn-/, ""), marks: marks.join(" ") };
        },
        contentElement: withoutBacklinks,
      },
    ],
    toDOM: ({ attrs: { name } }) => ["li", name ? { id: `fn-${name}` } : {}, 0],
  },
};

// Writes the links back at the end of each item of a list that is being written.
export function writeBacklinks(list, notes) {
  const page = list.ownerDocument;
  [...list.children].forEach((item, index) => {
    const marks = notes.child(index).attrs.marks.split(" ").filter(Boolean);
    const last = item.lastElementChild?.matches("p") ? item.lastElementChild : item;
    marks.forEach((mark, place) => {
      const [, { href }, text] = backlink(mark, place + 1);
      const link = page.createElement("a");
      link.setAttribute("href", href);
      link.textContent = text;
      last.append(last.textContent ? " " : "", link);
    });
  });
}
