// The focal point of the lead picture: the part that stays in sight where it is cropped. It is set by a click, by dragging,
// or with the arrow keys; two crops show what comes of it.

import { shownAt } from "./shown.js";

const STEP = 2;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const percent = (part, whole) => Math.round(Math.min(1, Math.max(0, part / whole)) * 100);

// Where a key moves the point to; null if it does not.
export function moved({ across, down }, key, isFar) {
  const move = MOVES[key];
  if (!move) return null;
  const within = (value) => Math.min(100, Math.max(0, value));
  const step = isFar ? STEP * 5 : STEP;
  return { across: within(across + move[0] * step), down: within(down + move[1] * step) };
}

// `get` gives the point in percent, `set` changes it. Returns what shows a picture with its point.
export function focalPoint(image, point, crops, { get, set }) {
  const at = ({ clientX, clientY }) => {
    const { left, top, width, height } = image.getBoundingClientRect();
    return { across: percent(clientX - left, width), down: percent(clientY - top, height) };
  };
  const area = image.parentElement;
  area.addEventListener("pointerdown", (event) => {
    // A finger on the picture may be about to scroll: there only a tap, or the point itself, moves it.
    if (event.button || (event.pointerType === "touch" && event.target !== point)) return;
    event.preventDefault();
    area.setPointerCapture(event.pointerId);
    set(at(event));
    point.focus();
  });
  area.addEventListener("pointermove", (event) => area.hasPointerCapture(event.pointerId) && set(at(event)));
  area.addEventListener("click", (event) => event.target !== point && set(at(event)));
  point.addEventListener("keydown", (event) => {
    const next = moved(get(), event.key, event.shiftKey);
    if (!next) return;
    event.preventDefault();
    set(next);
  });
  return (src) => {
    const { across, down } = get();
    point.style.left = `${across}%`;
    point.style.top = `${down}%`;
    for (const crop of crops) {
      if (src && !crop.src.endsWith(shownAt(src))) crop.src = shownAt(src);
      crop.style.objectPosition = `${across}% ${down}%`;
    }
  };
}
