import assert from "node:assert/strict";
import test from "node:test";

// What the modules look for when they are loaded.
globalThis.window = {};
const { isUploading, track, uploaded } = await import("./uploads.js");
const { cropsPage, described } = await import("./lead.js");

test("what waits for uploads waits for those that begin meanwhile, too", async () => {
  let arrive;
  track(new Promise((done) => (arrive = done)));
  assert.equal(isUploading(), true);
  const waiting = uploaded();
  let late;
  track(new Promise((done) => (late = done)));
  arrive(true);
  await new Promise((next) => setImmediate(next));
  assert.equal(isUploading(), true);
  late(true);
  assert.equal(await waiting, true);
  assert.equal(isUploading(), false);
});

test("an upload that fails holds back what waits for it, once", async () => {
  track(Promise.resolve(false));
  assert.equal(await uploaded(), false);
  assert.equal(await uploaded(), true);
});

test("what was typed while the picture was sent stays", () => {
  const before = { picture_alt: "A bridge", picture_caption: "", picture_credit: "Ada" };
  const now = { picture_alt: "A harbour", picture_caption: "The harbour today", picture_credit: "Ada" };
  assert.deepEqual(described(before, now), { picture_alt: "A harbour", picture_caption: "The harbour today", picture_credit: "" });
});

test("the page with the crops of a lead picture has the name that its files have in common", () => {
  assert.equal(cropsPage("/media/5f-1600x1067.jpg"), "/desk/pictures/5f-1600x1067/crops");
  for (const src of ["", "https://elsewhere.example/media/a.jpg"]) assert.equal(cropsPage(src), "");
});
