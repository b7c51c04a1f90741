import assert from "node:assert/strict";
import test from "node:test";
import { JSDOM } from "jsdom";
import "./words-for-tests.js";

const { window } = new JSDOM("<!doctype html>");
globalThis.document = window.document;
window.HTMLDialogElement.prototype.showModal = function () {};
window.HTMLDialogElement.prototype.close = function () {
  this.dispatchEvent(new window.Event("close"));
};
const picture = { src: "/media/a.jpg", thumbnail: "/media/a.480.webp", label: "harbour.jpg", alt: "Boats", caption: "The harbour", credit: "Ada", rights: "Until tomorrow" };
const { choosePicture } = await import("./library.js");

const settled = () => new Promise((next) => setTimeout(next, 10));

test("a picture of the library is chosen with what is noted about it", async () => {
  globalThis.fetch = async () => ({ ok: true, json: async () => ({ pictures: [picture] }) });
  const answer = choosePicture();
  await settled();
  assert.equal(document.querySelector(".library li small").textContent, "Until tomorrow");
  document.querySelector(".library button").click();
  assert.deepEqual(await answer, picture);
  assert.equal(document.querySelector("dialog"), null);
});

test("a library that cannot be read says so, and is dismissed without a choice", async () => {
  globalThis.fetch = async () => ({ ok: false });
  const answer = choosePicture();
  await settled();
  assert.notEqual(document.querySelector("[role=status]").textContent, "");
  document.querySelector("dialog").close();
  assert.equal(await answer, null);
});
