import assert from "node:assert/strict";
import test from "node:test";

// What the modules look for when they are loaded.
globalThis.window = {};
const { Saving } = await import("./saving.js");

// A form that has changed, without a page around it.
function changed() {
  const note = { fault: { textContent: "", append: (...nodes) => note.links.push(...nodes) }, links: [] };
  const parts = {
    form: { action: "/desk/articles/1" },
    status: { textContent: "" },
    note,
    base: { headline: "" },
    failures: 0,
    version: 1,
    sheet: () => ({ headline: "Tides" }),
    keepHere: () => {},
    settle: () => {},
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
  assert.match(saving.note.fault.textContent, /something else than expected/);
  answering('{"version":2}', 200);
  await saving.save();
  assert.equal(saving.base.headline, "Tides");
  assert.equal(saving.note.fault.textContent, "");
});

test("what has to be done first is said, with the way there", async () => {
  globalThis.document = { createElement: () => ({}) };
  const saving = changed();
  answering('{"fault":"Confirm that it is you.","address":"/desk/second-factor","link":"Show it"}', 403);
  await saving.save();
  clearTimeout(saving.resting);
  assert.match(saving.note.fault.textContent, /^Confirm that it is you\. What you write is kept/);
  assert.equal(saving.note.links[1].href, "/desk/second-factor");
});
