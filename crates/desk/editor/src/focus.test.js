import assert from "node:assert/strict";
import test from "node:test";

const { moved } = await import("./focus.js");

test("the arrow keys move the focal point, within the picture", () => {
  assert.deepEqual(moved({ across: 50, down: 50 }, "ArrowLeft", false), { across: 48, down: 50 });
  assert.deepEqual(moved({ across: 50, down: 50 }, "ArrowDown", true), { across: 50, down: 60 });
  assert.deepEqual(moved({ across: 99, down: 0 }, "ArrowRight", true), { across: 100, down: 0 });
  assert.equal(moved({ across: 50, down: 50 }, "Enter", false), null);
});
