// How long the text is: its words, and the minutes that it takes to read, as readers are told them
// (crates/editorial/src/text.rs).

import { make } from "./elements.js";
import { whenResting } from "./resting.js";
import { sayCount } from "./words.js";

const WORDS_A_MINUTE = 230;
const CHARACTERS_A_MINUTE = 500;
const IDEOGRAPH = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/gu;

// Words, and characters of scripts without spaces between words.
export function counted(text) {
  const characters = text.match(IDEOGRAPH)?.length ?? 0;
  const words = text.replace(IDEOGRAPH, " ").split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  return { words, characters };
}

export function minutes({ words, characters }) {
  if (!words && !characters) return 0;
  return Math.max(1, Math.round(words / WORDS_A_MINUTE + characters / CHARACTERS_A_MINUTE));
}

// Blocks never change, so each is counted once.
const known = new WeakMap();

function ofBlock(block) {
  if (!known.has(block)) known.set(block, counted(block.textBetween(0, block.content.size, "\n", " ")));
  return known.get(block);
}

export function lengthOf(doc) {
  const sum = { words: 0, characters: 0 };
  doc.forEach((block) => {
    const { words, characters } = block.isTextblock ? ofBlock(block) : lengthOf(block);
    sum.words += words;
    sum.characters += characters;
  });
  return sum;
}

// Says it in its place.
export function counter(place) {
  return whenResting((doc) => {
    const length = lengthOf(doc);
    const total = length.words + length.characters;
    const time = minutes(length);
    const said = total ? [sayCount("words", total), sayCount("minutes", time)] : [];
    if (place.textContent !== said.join("")) place.replaceChildren(...said.map((part) => make("span", {}, part)));
  });
}
