// Quotation marks and dashes as one types, in the text and in the fields of the headline.

import { InputRule } from "prosemirror-inputrules";

// Opening and closing, double and single.
const QUOTES = {
  en: "“”‘’",
  de: "„“‚‘",
  fr: "«»‹›",
  es: "«»“”",
  nl: "“”‘’",
  pl: "„”‚’",
  ja: "「」『』",
};
// What a quotation mark opens after.
const BEFORE = /[\s([{<\u2014\u2013\u201c\u2018\u201e\u201a\u00ab\u2039\u300c/]/u;
const APOSTROPHE = "’";
// French has a narrow space inside its quotation marks.
const inner = (language) => (language === "fr" ? "\u202f" : "");

export function languageOf(name) {
  const language = (name ?? "").split("-")[0].toLowerCase();
  return QUOTES[language] ? language : "en";
}

// The sign for a straight one that was typed after `before`.
export function quoteFor(sign, before, language) {
  const [open, close, openSingle, closeSingle] = QUOTES[language];
  const opens = before === "" || BEFORE.test(before);
  if (sign === '"') return opens ? open + inner(language) : inner(language) + close;
  if (opens) return openSingle;
  return /[\p{L}\p{N}]/u.test(before) ? APOSTROPHE : closeSingle;
}

// A decade: what was taken for an opening quotation mark is an apostrophe.
const decade = (language) => new RegExp(`(?<![\\p{L}\\p{N}])${QUOTES[language][2]}(\\d\\d)s$`, "u");

const hasCode = (marks) => marks.some(({ type, attrs }) => type.name === "styled" && /^(code|kbd|samp|var)$/.test(attrs.tag));
const isCode = (state) => hasCode(state.selection.$from.marks());

// The rules for the text. The Backspace key takes the last change back.
export function quoteRules(language) {
  const quote = new InputRule(/(["'])$/u, (state, [, sign], start, end) => {
    if (isCode(state)) return null;
    const $start = state.doc.resolve(start);
    const before = $start.parent.textBetween(Math.max(0, $start.parentOffset - 1), $start.parentOffset, null, "\ufffc");
    return state.tr.insertText(quoteFor(sign, before, language), start, end);
  });
  const years = new InputRule(decade(language), (state, [, digits], start, end) => (isCode(state) ? null : state.tr.insertText(`${APOSTROPHE}${digits}s`, start, end)));
  return [quote, years, new InputRule(/ --? $/u, " – "), new InputRule(/(?<=\p{L})--$/u, "—")];
}

// What a line of plain text becomes when its last sign before `at` was just typed.
export function corrected(text, at, language) {
  const sign = text[at - 1];
  const before = text.slice(0, at - 1);
  const put = (start, words) => ({ start, words });
  if (sign === '"' || sign === "'") return put(at - 1, quoteFor(sign, before.at(-1) ?? "", language));
  const years = sign === "s" && decade(language).exec(text.slice(0, at));
  if (years) return put(years.index, `${APOSTROPHE}${years[1]}s`);
  if (sign === " " && / --?$/u.test(before)) return put(before.lastIndexOf(" "), " – ");
  if (sign === "." && before.endsWith("..")) return put(at - 3, "…");
  return null;
}

// The signs of print for words that are put in behind `before`, as if they were typed there.
export function printed(words, before, language) {
  let text = before;
  for (const sign of words) {
    text += sign;
    const change = corrected(text, text.length, language);
    if (change && change.start >= before.length) text = text.slice(0, change.start) + change.words;
  }
  return text.slice(before.length);
}

// The same for a place in a document. Code keeps what was entered.
export function printedAt(words, $from, language) {
  if (hasCode($from.nodeAfter?.marks ?? $from.marks())) return words;
  const before = $from.parent.textBetween(Math.max(0, $from.parentOffset - 3), $from.parentOffset, null, "\ufffc");
  return printed(words, before, language);
}

// The same for a field of the form.
export function watch(field, language) {
  field.addEventListener("beforeinput", (event) => {
    if (event.inputType !== "insertText" || event.isComposing || event.data?.length !== 1) return;
    const { value, selectionStart, selectionEnd } = field;
    const typed = value.slice(0, selectionStart) + event.data;
    const change = corrected(typed, typed.length, language);
    if (!change) return;
    event.preventDefault();
    field.setSelectionRange(change.start, selectionEnd);
    // The only way of changing a field that its own undo knows; elsewhere it is changed without.
    if (document.execCommand?.("insertText", false, change.words)) return;
    field.setRangeText(change.words, change.start, selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
