import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { wordsIn } from "./words-for-tests.js";

const { list, say, sayCount } = await import("./words.js");

const base = (name) => name.replace(/_(zero|one|two|few|many|other)$/, "");

test("a word has its gaps filled, and the form for a count", () => {
  assert.equal(say("saved_at", { time: "09:00" }), "Saved 09:00");
  assert.equal(sayCount("words", 1), "1 word");
  assert.equal(sayCount("words", 1200), "1,200 words");
  assert.equal(list(["Ada", "Ben", "Cleo"]), "Ada, Ben, and Cleo");
});

test("every word that the editor says is there, in every language, and no other", () => {
  const folder = new URL(".", import.meta.url);
  const sources = readdirSync(folder).filter((name) => name.endsWith(".js") && !/\.test\.js$|^words/.test(name));
  const text = sources.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  const said = new Set([...text.matchAll(/(?<!\.)\bsay(?:Count)?\((?:[^"()]* \? )?"(\w+)"(?: : "(\w+)")?/g)].flatMap(([, one, other]) => [one, other ?? one]));
  for (const [, name] of text.matchAll(/(?:\{ id|also|hint): "([a-z_]+)"/g)) said.add(name);
  for (const language of ["en", "de"]) {
    const known = new Set(Object.keys(wordsIn(language)).map(base));
    assert.deepEqual([...said].filter((name) => !known.has(name)), [], `${language} lacks words`);
    assert.deepEqual([...known].filter((name) => !said.has(name)), [], `${language} has words that nobody says`);
  }
});
