import assert from "node:assert/strict";
import test from "node:test";
import "./words-for-tests.js";

const { cut, previewOf } = await import("./appearance.js");

const SITE = { site: "https://courier.example", publication: "The Courier", beginning: "The bridge was built for coal." };

test("what is not set follows from the article", () => {
  const { search, social } = previewOf({ headline: "The bridge", deck: "", section: "town", slug: "bridge", picture: "/media/a.jpg" }, SITE);
  assert.deepEqual(search, { address: "courier.example › town › bridge", title: "The bridge | The Courier", description: SITE.beginning });
  assert.deepEqual(social, { site: "courier.example", title: "The bridge", description: SITE.beginning, picture: "/media/a.jpg" });
});

test("what is set is shown", () => {
  const set = { headline: "The bridge", deck: "A deck.", search_title: "Bridge times", search_description: "When it opens.", social_title: "It opens!", social_picture: "/media/b.jpg", picture: "/media/a.jpg" };
  const { search, social } = previewOf(set, SITE);
  assert.equal(search.title, "Bridge times | The Courier");
  assert.equal(search.description, "When it opens.");
  assert.deepEqual([social.title, social.description, social.picture], ["It opens!", "When it opens.", "/media/b.jpg"]);
});

test("long texts are cut between words", () => {
  assert.equal(cut("The bridge, again", 12), "The bridge…");
  assert.equal(cut("Short", 12), "Short");
});
