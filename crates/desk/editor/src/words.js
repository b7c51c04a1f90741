// The words of the editor, in the language of the page: the page has them as JSON. Their names begin with
// `script_editor_` in words/*/editor_script.toml, and are used here without that.

const block = globalThis.document?.getElementById("words");
const texts = block ? JSON.parse(block.textContent) : {};
const language = globalThis.document?.documentElement.lang || "en";
const rules = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);
const lists = new Intl.ListFormat(language);

// A word with its gaps, such as {name}, filled.
export function say(name, gaps = {}) {
  const word = texts[name] ?? name;
  return word.replace(/\{([a-z_]+)\}/g, (gap, key) => (key in gaps ? gaps[key] : gap));
}

// The form of a word for a number, which fills its gap {number}.
export function sayCount(name, number, gaps = {}) {
  const form = `${name}_${rules.select(number)}`;
  return say(form in texts ? form : `${name}_other`, { number: numbers.format(number), ...gaps });
}

// A number, and a list of names, as they are written in that language.
export function number(value) {
  return numbers.format(value);
}

export function list(names) {
  return lists.format(names);
}
