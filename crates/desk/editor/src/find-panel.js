// The panel for finding and replacing. It is below the tools, and the text keeps what is chosen in it.

import { button, make } from "./elements.js";
import { findingOf, look, replace, replaceAll, show, step } from "./find.js";
import { icon } from "./icons.js";
import { number, say, sayCount } from "./words.js";

const REST = 120;

function line(name, label, more) {
  const input = make("input", { id: `find-${name}`, type: "text", autocomplete: "off", spellcheck: false });
  input.setAttribute("form", "");
  const named = make("label", { htmlFor: input.id, className: "unseen" }, label);
  input.placeholder = label;
  return { input, line: make("p", {}, named, input, ...more) };
}

export class FindPanel {
  constructor(view, language) {
    Object.assign(this, { view, language });
    this.dom = make("div", { className: "find", hidden: true });
    this.dom.setAttribute("role", "search");
    this.dom.setAttribute("aria-label", say("find"));
    this.count = make("output", { className: "matches" });
    const small = (name, label, run) => button(icon(name), run, { label, hint: label, className: "quiet" });
    this.cased = small("match_case", say("find_case"), () => this.toggleCase());
    this.cased.setAttribute("aria-pressed", "false");
    const above = line("words", say("find_words"), [this.count, small("up", say("find_previous"), () => this.step(-1)), small("down", say("find_next"), () => this.step(1)), this.cased, small("close", say("find_close"), () => this.close())]);
    const replaceOne = button(say("replace"), () => this.replace(), { className: "quiet" });
    const replaceEvery = button(say("replace_all"), () => this.replaceAll(), { className: "quiet" });
    const below = line("replacement", say("replace_with"), [replaceOne, replaceEvery]);
    Object.assign(this, { words: above.input, replacement: below.input });
    this.dom.append(above.line, below.line);
    this.words.addEventListener("input", () => this.later());
    this.dom.addEventListener("keydown", (event) => this.pressed(event));
    // What is looked for is no part of the article.
    this.dom.addEventListener("input", (event) => event.stopPropagation());
  }

  open() {
    const { from, to, empty } = this.view().state.selection;
    const chosen = empty ? "" : this.view().state.doc.textBetween(from, to, " ").slice(0, 100);
    if (chosen) this.words.value = chosen;
    this.dom.hidden = false;
    this.look(from);
    this.words.focus();
    this.words.select();
    return true;
  }

  close() {
    this.dom.hidden = true;
    look(this.view(), { close: true });
    this.view().focus();
  }

  // A moment after the last key: in a long text one letter is found thousands of times.
  later() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.look(), REST);
  }

  look(from) {
    clearTimeout(this.resting);
    look(this.view(), { query: this.words.value, from: from ?? this.view().state.selection.from });
    const { current, found } = findingOf(this.view().state);
    if (found.length) show(this.view(), current);
    this.reveal();
  }

  // The editor itself scrolls only while it has the focus.
  reveal() {
    this.view().dom.querySelector(".match.current")?.scrollIntoView({ block: "nearest" });
  }

  toggleCase() {
    const isCased = this.cased.getAttribute("aria-pressed") !== "true";
    this.cased.setAttribute("aria-pressed", String(isCased));
    look(this.view(), { isCased });
  }

  // Finds first what is in the field now, so that nothing is replaced that the writer has not seen.
  replace() {
    if (this.isBehind()) this.look();
    else replace(this.view(), this.replacement.value, this.language);
  }

  replaceAll() {
    if (this.isBehind()) this.look();
    const count = replaceAll(this.view(), this.replacement.value, this.language);
    this.count.textContent = sayCount("replaced", count);
  }

  pressed(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && event.target === this.words) this.step(event.shiftKey ? -1 : 1);
    else if (event.key === "Enter" && event.target === this.replacement) this.replace();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Goes on from what is in the field now.
  isBehind() {
    return findingOf(this.view().state).query !== this.words.value;
  }

  step(by) {
    if (this.isBehind()) this.look();
    else step(this.view(), by);
    this.reveal();
  }

  update(state) {
    const { query, found, current } = findingOf(state);
    const place = found.length ? say("match_of", { place: number(current + 1), matches: number(found.length) }) : say("no_matches");
    this.count.textContent = query ? place : "";
  }
}
