// A page for tests, with the words of the editor in English: to be loaded before the modules that they test.

import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

// The words of the script in a language, without what their names begin with.
export function wordsIn(language) {
  const file = readFileSync(new URL(`../../words/${language}/editor_script.toml`, import.meta.url), "utf8");
  const lines = [...file.matchAll(/^script_editor_(\w+) = "(.*)"$/gm)];
  return Object.fromEntries(lines.map(([, name, word]) => [name, JSON.parse(`"${word}"`)]));
}

const { window } = new JSDOM('<!doctype html><html lang=en><body><script type="application/json" id="words"></script></body></html>');
window.document.getElementById("words").textContent = JSON.stringify(wordsIn("en"));
globalThis.window = window;
globalThis.document = window.document;
globalThis.navigator ??= window.navigator;
for (const name of ["Node", "DOMParser", "Event", "FormData", "HTMLElement", "MutationObserver", "getComputedStyle"]) globalThis[name] ??= window[name];
