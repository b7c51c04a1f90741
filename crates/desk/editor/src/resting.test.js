import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { whenResting } from "./resting.js";

test("the first document is at once, and a change when typing rests", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const seen = [];
  const update = whenResting((doc) => seen.push(doc));
  const [first, second, third] = ["a", "ab", "abc"];
  update(first);
  mock.timers.tick(1);
  assert.deepEqual(seen, [first]);
  // The cursor moves.
  update(first);
  mock.timers.tick(1000);
  assert.deepEqual(seen, [first]);
  update(second);
  mock.timers.tick(300);
  update(third);
  mock.timers.tick(300);
  assert.deepEqual(seen, [first]);
  mock.timers.tick(100);
  assert.deepEqual(seen, [first, third]);
  mock.timers.reset();
});
