// A copy of what was written, for somebody whose text the server does not take.

import { say } from "./words.js";

function nameOf(sheet) {
  const words = (sheet.headline || "article").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ["article"];
  return `${words.slice(0, 8).join("-")}.html`;
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

// The article as a page that every word processor opens.
export function copyOf(sheet) {
  const line = (tag, text) => (text ? `<${tag}>${escaped(text)}</${tag}>\n` : "");
  const title = escaped(sheet.headline || say("article"));
  return `<!doctype html>\n<meta charset="utf-8">\n<title>${title}</title>\n${line("p", sheet.kicker)}${line("h1", sheet.headline)}${line("p", sheet.deck)}${line("p", sheet.authors)}${sheet.body}\n`;
}

function download(sheet) {
  const href = URL.createObjectURL(new Blob([copyOf(sheet)], { type: "text/html" }));
  Object.assign(document.createElement("a"), { href, download: nameOf(sheet) }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
}

async function copy(sheet, words, button) {
  try {
    const html = new Blob([copyOf(sheet)], { type: "text/html" });
    await navigator.clipboard.write([new ClipboardItem({ "text/html": html, "text/plain": new Blob([words], { type: "text/plain" }) })]);
    button.textContent = say("text_copied");
  } catch {
    button.textContent = say("text_not_copied");
  }
}

// The buttons that give a copy. `now` returns the fields of the form, and the plain words of the text.
export function waysToCopy(now) {
  return [
    { label: say("download_text"), run: () => download(now().sheet) },
    { label: say("copy_text"), run: (button) => copy(now().sheet, now().words, button) },
  ];
}
