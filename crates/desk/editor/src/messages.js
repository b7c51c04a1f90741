// What the editor has to say, in the bar that stays in sight. Each message has a subject: a new one replaces the last
// about the same, and all can be closed.

import { say } from "./words.js";

// The subject of what saving says.
export const SAVE = "save";

export class Messages {
  constructor(place) {
    this.place = place;
    this.shown = new Map();
    this.closed = "";
    const sent = place.textContent.trim();
    place.replaceChildren();
    if (sent) this.tell("page", sent);
  }

  // Says something. `ways` lead to where something can be done about it: links, and buttons that run something.
  tell(subject, text, ways = []) {
    const known = this.shown.get(subject);
    // Saving is tried again and again: what was read and closed is not repeated.
    if (subject === SAVE && this.closed === text) return;
    if (known?.text === text && known.ways === ways.length) return;
    const line = document.createElement("p");
    line.append(text, " ");
    for (const way of ways) line.append(wayOut(way), " ");
    const close = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: say("close_message") });
    close.addEventListener("click", () => {
      this.clear(subject);
      if (subject === SAVE) this.closed = text;
    });
    line.append(close);
    known?.line.remove();
    this.place.append(line);
    this.shown.set(subject, { text, line, ways: ways.length });
    this.place.hidden = false;
  }

  clear(subject) {
    if (subject === SAVE) this.closed = "";
    this.shown.get(subject)?.line.remove();
    this.shown.delete(subject);
    this.place.hidden = this.shown.size === 0;
  }
}

function wayOut({ address, label, run }) {
  if (address) return Object.assign(document.createElement("a"), { href: address, target: "_blank", textContent: label });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: label });
  button.addEventListener("click", () => run(button));
  return button;
}
