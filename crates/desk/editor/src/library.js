// Pictures that are in the library already: one is chosen in a dialog, and brings what is noted about it.

import { make } from "./elements.js";
import { insertBlock } from "./insertion.js";
import { schema } from "./schema.js";
import { say } from "./words.js";

const { nodes } = schema;

async function found(typed) {
  const answer = await fetch(`/desk/pictures/choices?${new URLSearchParams({ q: typed })}`, { headers: { accept: "application/json" } });
  return answer.ok ? (await answer.json()).pictures : null;
}

function choice(picture, choose) {
  const image = make("img", { src: picture.thumbnail, alt: picture.alt, width: 240, height: 160, loading: "lazy" });
  const button = make("button", { type: "button" }, image, make("span", {}, picture.label));
  button.addEventListener("click", () => choose(picture));
  const item = make("li", {}, button);
  if (picture.rights) item.append(make("small", {}, picture.rights));
  return item;
}

// Asks for a picture of the library; null where the question is dismissed.
export function choosePicture() {
  const list = make("ul", { className: "library" });
  const said = make("p");
  said.setAttribute("role", "status");
  const search = make("input", { type: "search", id: "library-search", autocomplete: "off" });
  const close = make("button", { className: "quiet", value: "" }, say("cancel"));
  const heading = make("h2", { id: "library-title" }, say("library_title"));
  const field = make("p", {}, make("label", { htmlFor: search.id }, say("library_search")), search);
  const form = make("form", { method: "dialog" }, heading, field, said, list, make("p", { className: "buttons" }, close));
  const dialog = make("dialog", { className: "wide" }, form);
  dialog.setAttribute("aria-labelledby", heading.id);
  document.body.append(dialog);
  let chosen = null;
  const choose = (picture) => {
    chosen = picture;
    dialog.close();
  };
  let asked;
  const look = async () => {
    const typed = (asked = search.value);
    const pictures = await found(typed).catch(() => null);
    if (typed !== asked) return;
    said.textContent = pictures ? (pictures.length ? "" : say("library_none")) : say("library_failed");
    list.replaceChildren(...(pictures ?? []).map((picture) => choice(picture, choose)));
  };
  let resting;
  search.addEventListener("input", () => {
    clearTimeout(resting);
    resting = setTimeout(look, 150);
  });
  // Enter searches at once, and does not close the dialog.
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    clearTimeout(resting);
    look();
  });
  dialog.showModal();
  look();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(chosen);
    });
  });
}

function pictureOf({ src, alt, caption, credit }) {
  return nodes.picture.create({ src, alt, credit }, caption ? schema.text(caption) : null);
}

// Puts a picture of the library into the text.
export function askLibrary(state, dispatch, view) {
  choosePicture().then((picture) => {
    view.focus();
    if (picture) insertBlock(() => pictureOf(picture))(view.state, view.dispatch);
  });
  return true;
}
