// The direction of a text, as readers get it: the same rule as in the crate `access` (TextDirection::of_text).

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

// `language` is the direction of the language that the article is in, as far as is known.
export function directionOf(text, language) {
  const letters = text.match(/\p{Alphabetic}/gu) ?? [];
  const theirs = letters.filter((letter) => RIGHT_TO_LEFT.test(letter)).length;
  const others = letters.length - theirs;
  if (language === "rtl") return theirs === 0 && others > 0 ? "ltr" : "rtl";
  return theirs > others ? "rtl" : "ltr";
}
