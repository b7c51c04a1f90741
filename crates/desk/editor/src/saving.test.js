import assert from "node:assert/strict";
import test from "node:test";


import "./words-for-tests.js";
const { Saving } = await import("./saving.js");
const { Kept } = await import("./kept.js");

// A form that has changed, without a page around it.
function changed() {
  const said = new Map();
  const messages = { tell: (subject, text, ways = []) => said.set(subject, { text, ways }), clear: (subject) => said.delete(subject) };
  const parts = {
    form: { action: "/desk/articles/1", dataset: { story: "1" } },
    status: { textContent: "", dataset: {} },
    messages,
    said,
    base: { headline: "" },
    failures: 0,
    version: 1,
    sheet: () => ({ headline: "Tides" }),
    keepHere: () => true,
    seen: () => {},
  };
  return Object.assign(Object.create(Saving.prototype), parts);
}

const answering = (body, status) => {
  globalThis.fetch = async () => new Response(body, { status });
};

test("a page in place of an answer is said, and the next save goes on", async () => {
  const saving = changed();
  answering("<!doctype html>", 200);
  await saving.save();
  clearTimeout(saving.resting);
  assert.equal(saving.status.textContent, "Not saved");
  assert.match(saving.said.get("save").text, /unexpected answer/);
  answering('{"version":2,"saved":"08:00"}', 200);
  await saving.save();
  assert.equal(saving.base.headline, "Tides");
  assert.equal(saving.said.size, 0);
  assert.equal(saving.status.textContent, "Saved 08:00");
});

test("what has to be done first is said, with the way there", async () => {
  const saving = changed();
  answering('{"fault":"Confirm that it is you.","address":"/desk/second-factor","link":"Show it","final":false}', 403);
  await saving.save();
  clearTimeout(saving.resting);
  const { text, ways } = saving.said.get("save");
  assert.match(text, /^Confirm that it is you\. Your text is kept/);
  assert.equal(ways[0].address, "/desk/second-factor");
});

test("a writer without access is told once, gets a copy, and nothing is tried again", async () => {
  const saving = changed();
  answering('{"fault":"You no longer have access.","address":"/","link":"Front page","final":true}', 403);
  await saving.save();
  const { text, ways } = saving.said.get("save");
  assert.match(text, /^You no longer have access\. .*Keep a copy/);
  assert.deepEqual(ways.map(({ label }) => label), ["Download text", "Copy text"]);
  assert.equal(saving.resting, undefined);
  globalThis.fetch = () => assert.fail("it was tried again");
  await saving.save();
});

test("“Saved” is not said while a part was refused", async () => {
  const saving = changed();
  answering('{"version":2,"saved":"08:00","fault":"The embargo is not saved."}', 200);
  await saving.save();
  assert.equal(saving.status.textContent, "Not everything is saved");
  assert.equal(saving.said.get("save").text, "The embargo is not saved.");
});

// The storage of a browser.
function storage() {
  const entries = new Map();
  return {
    get length() {
      return entries.size;
    },
    key: (index) => [...entries.keys()][index],
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => entries.set(key, value),
    removeItem: (key) => entries.delete(key),
  };
}

test("each tab keeps its own text, and the next page finds that of closed ones", async () => {
  const held = new Set();
  const locks = {
    request(key, options, run = options) {
      if (options.ifAvailable) return Promise.resolve(run(held.has(key) ? null : {}));
      held.add(key);
      return run();
    },
  };
  const shared = { storage: storage(), locks };
  const [one, other, open, elsewhere] = ["5-1", "5-1", "5-1", "5-12"].map((story) => new Kept(story, shared));
  one.put({ sheet: { headline: "One" }, at: 1 });
  other.put({ sheet: { headline: "Two" }, at: 2 });
  open.put({ sheet: { headline: "Still open" }, at: 3 });
  elsewhere.put({ sheet: { headline: "Another article" }, at: 4 });
  held.delete(one.key);
  held.delete(other.key);
  held.delete(elsewhere.key);
  const found = await new Kept("5-1", shared).abandoned();
  assert.deepEqual(found.map(({ entry }) => entry.sheet.headline), ["One", "Two"]);
});

test("a new article that was kept is saved as the article that it may be already", () => {
  const fresh = () => Object.assign(changed(), { form: { dataset: {}, elements: { begun: { value: "new" } } }, keepHere: Saving.prototype.keepHere });
  const one = fresh();
  let entry;
  one.kept = { put: (put) => (entry = put) };
  one.keepHere();
  assert.equal(entry.begun, "new");
  const next = fresh();
  assert.ok(next.adopts({ begun: "earlier" }));
  assert.equal(next.token(), "earlier");
  assert.ok(next.adopts({ begun: "earlier" }));
  assert.ok(!next.adopts({ begun: "another" }), "another article is left to the next page");
  assert.equal(next.token(), "earlier");
  assert.ok(fresh().adopts({}), "kept by an earlier version of the editor");
});
