// Footnotes of word processors: a link in the text to a note, and one from the note back to it. They become footnotes here.
// Word, LibreOffice and Google Docs name these links differently, so that each is known by the other.

// The name that a link within a document leads to. Word writes some with the address of the file.
function target(link) {
  const address = link.getAttribute("href") ?? "";
  return /^(#|file:)/i.test(address) ? decoded(address.split("#")[1] ?? "") : "";
}

// A percent sign that encodes nothing stays.
function decoded(name) {
  try {
    return decodeURI(name);
  } catch {
    return name;
  }
}

const names = (link) => [link.getAttribute("name"), link.id].filter(Boolean);

// References with their notes: links that lead to each other.
function pairs(links) {
  const found = [];
  const used = new Set();
  for (const [index, mark] of links.entries()) {
    if (used.has(mark)) continue;
    const back = links.slice(index + 1).find((link) => names(link).includes(target(mark)) && names(mark).includes(target(link)));
    if (!back) continue;
    used.add(mark).add(back);
    found.push({ mark, back });
  }
  return found;
}

// The element that has all of a note and nothing else.
function noteOf({ back }, all) {
  const others = all.flatMap((pair) => [pair.mark, pair.back]).filter((link) => link !== back);
  let note = back.closest("p, li, dd");
  for (let around = note ?? back.parentElement; around && around.localName !== "body"; around = around.parentElement) {
    if (others.some((link) => around.contains(link))) break;
    if (/^(div|aside|li|dd)$/.test(around.localName)) note = around;
  }
  return note;
}

// Links often have elements around them that have only them.
function withAround(link) {
  let whole = link;
  while (/^(sup|span)$/.test(whole.parentElement.localName) && whole.parentElement.textContent.trim() === link.textContent.trim()) whole = whole.parentElement;
  return whole;
}

function trimStart(element) {
  const first = element.ownerDocument.createTreeWalker(element, 4).nextNode();
  if (first) first.data = first.data.replace(/^[\s.]+/u, "");
}

// The line above the notes.
function removeRule(note) {
  let before = note;
  while (!before.previousElementSibling && before.parentElement?.localName === "div") before = before.parentElement;
  for (let rule = before.previousElementSibling; rule && /^(hr|br)$/.test(rule.localName); rule = before.previousElementSibling) rule.remove();
}

export function makeFootnotes(body) {
  const page = body.ownerDocument;
  const found = pairs([...body.querySelectorAll("a[href]")].filter(target));
  const notes = found.map((pair) => ({ ...pair, note: noteOf(pair, found) })).filter(({ note, mark }) => note && !note.contains(mark));
  const list = page.createElement("ol");
  list.className = "footnotes";
  for (const { mark, back, note } of notes) {
    const name = Math.random().toString(36).slice(2, 8);
    const number = list.children.length + 1;
    removeRule(note);
    withAround(back).remove();
    trimStart(note);
    const item = page.createElement("li");
    item.id = `fn-${name}`;
    if (note.localName === "p") item.append(note);
    else item.append(...note.childNodes), note.remove();
    list.append(item);
    const reference = page.createElement("sup");
    reference.className = "footnote";
    reference.innerHTML = `<a href="#fn-${name}" id="fnref-${name}">${number}</a>`;
    withAround(mark).replaceWith(reference);
  }
  if (notes.length) body.append(list);
  // What else leads to a place in the other document leads nowhere here.
  for (const link of body.querySelectorAll("a[href]")) {
    if (target(link) && !link.closest("sup.footnote")) link.replaceWith(...link.childNodes);
  }
  for (const empty of [...body.querySelectorAll("div")].reverse()) if (!empty.textContent.trim() && !empty.querySelector("img, table, iframe, figure")) empty.remove();
}
