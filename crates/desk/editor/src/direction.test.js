import assert from "node:assert/strict";
import { test } from "node:test";
import { directionOf } from "./direction.js";

test("the direction follows the letters and then the language", () => {
  for (const [text, language, direction] of [
    ["MV Estuary تعود", "rtl", "rtl"],
    ["The ferry (2026)", "rtl", "ltr"],
    ["12.50", "rtl", "rtl"],
    ["12.50", "ltr", "ltr"],
    ["العبّارة الليلية تعود", "ltr", "rtl"],
    ["النهار reports on the ferry", "ltr", "ltr"],
    ["", "rtl", "rtl"],
  ]) {
    assert.equal(directionOf(text, language), direction, text);
  }
});
