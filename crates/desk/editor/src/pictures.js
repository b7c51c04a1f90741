// Pictures: sent to the server as they are, shown when it has made them fit to be.

import { Plugin, PluginKey } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import { schema } from "./schema.js";
import { track } from "./uploads.js";

const LARGEST = 30 * 1024 * 1024;

// Sends a picture; what went wrong is thrown, in words.
export async function send(file) {
  if (file.size > LARGEST) throw new Error(`${file.name} has ${Math.round(file.size / 1024 / 1024)} MB. Save the picture smaller, with at most 30 MB, and send it again.`);
  let answer;
  try {
    answer = await fetch("/desk/pictures", { method: "POST", body: file, headers: { accept: "application/json" } });
  } catch {
    throw new Error(`${file.name} could not be sent: there is no connection. Try again when there is one.`);
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(`${file.name}: ${told.fault ?? "the server does not take it at the moment. Try again in a minute."}`);
  return told;
}

// Asks for a file.
export function choose() {
  const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/*" });
  input.hidden = true;
  document.body.append(input);
  return new Promise((chosen) => {
    input.addEventListener("change", () => {
      input.remove();
      chosen(input.files[0]);
    });
    input.addEventListener("cancel", () => input.remove());
    input.click();
  });
}

const key = new PluginKey("pictures");

function waiting(name) {
  const said = document.createElement("div");
  said.className = "uploading";
  said.textContent = `Sending ${name} …`;
  return said;
}

// Where pictures are on their way to, as the text around them changes.
export function pictures(tell) {
  return new Plugin({
    key,
    state: {
      init: () => DecorationSet.empty,
      apply(change, places) {
        const moved = places.map(change.mapping, change.doc);
        const { begun, done } = change.getMeta(key) ?? {};
        if (begun) return moved.add(change.doc, [Decoration.widget(begun.at, waiting(begun.name), { of: begun.of })]);
        if (done) return moved.remove(moved.find(undefined, undefined, (spec) => spec.of === done));
        return moved;
      },
    },
    props: {
      decorations: (state) => key.getState(state),
      handlePaste: (view, event) => insertAll(view, event.clipboardData, view.state.selection.from, tell),
      handleDrop: (view, event) => {
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
        return insertAll(view, event.dataTransfer, at?.pos ?? view.state.selection.from, tell);
      },
    },
  });
}

// Word processors put a picture of the text beside the text: who pastes words wants words.
function insertAll(view, data, at, tell) {
  const files = [...(data?.files ?? [])].filter((file) => file.type.startsWith("image/"));
  if (!files.length || data.getData("text/html").includes("<p")) return false;
  files.forEach((file) => insertPicture(view, file, at, tell));
  return true;
}

export function insertPicture(view, file, at, tell) {
  return track(sendInto(view, file, at, tell));
}

async function sendInto(view, file, at, tell) {
  const of = {};
  const before = view.state.doc;
  view.dispatch(view.state.tr.setMeta(key, { begun: { at, of, name: file.name } }));
  try {
    const { src } = await send(file);
    const [place] = key.getState(view.state).find(undefined, undefined, (spec) => spec.of === of);
    const to = place?.from ?? view.state.doc.content.size;
    const change = view.state.tr.setMeta(key, { done: of });
    const $to = change.doc.resolve(to);
    // After the paragraph that it stands in, or in its place where that is empty.
    const isEmpty = $to.parent.isTextblock && $to.parent.content.size === 0;
    const picture = schema.nodes.picture.create({ src });
    if (isEmpty) change.replaceWith($to.before(), $to.after(), picture);
    else change.insert($to.depth ? $to.after(1) : to, picture);
    // The cursor of somebody who has gone on writing stays where it is.
    const isWriting = !before.eq(view.state.doc);
    view.dispatch(change);
    if (!isWriting) view.dom.querySelector(`img[src="${src}"]`)?.closest("figure").querySelector("input")?.focus();
    return true;
  } catch (error) {
    view.dispatch(view.state.tr.setMeta(key, { done: of }));
    tell(error.message);
    return false;
  }
}

const DESCRIPTION = ["picture_alt", "picture_caption", "picture_credit"];

// What describes a picture that has taken the place of another: only what was written while it was sent.
export function described(before, now) {
  return Object.fromEntries(Object.keys(before).map((name) => [name, now[name] === before[name] ? "" : now[name]]));
}

// The lead picture, beside the text.
export function lead(form, changed, tell) {
  const field = (name) => form.elements[name];
  const [shown, point, remove] = ["lead-shown", "lead-point", "lead-remove"].map((id) => document.getElementById(id));
  const show = () => {
    const src = field("picture").value;
    shown.parentElement.hidden = remove.hidden = !src;
    for (const more of document.querySelectorAll("[data-lead]")) more.hidden = !src;
    if (src && !shown.src.endsWith(src)) shown.src = src;
    point.style.left = `${field("picture_across").value || 50}%`;
    point.style.top = `${field("picture_down").value || 50}%`;
  };
  const set = (values) => {
    for (const [name, value] of Object.entries(values)) field(name).value = value;
    show();
    changed();
  };
  const description = () => Object.fromEntries(DESCRIPTION.map((name) => [name, field(name).value]));
  const button = document.getElementById("lead-choose");
  const replace = async (file) => {
    const before = description();
    button.disabled = true;
    button.textContent = "Sending …";
    try {
      const { src } = await send(file);
      set({ picture: src, ...described(before, description()), picture_across: "", picture_down: "" });
      if ([document.body, button].includes(document.activeElement)) field("picture_alt").focus();
      return true;
    } catch (error) {
      tell(error.message);
      return false;
    } finally {
      button.disabled = false;
      button.textContent = "Choose a picture";
    }
  };
  button.addEventListener("click", () => choose().then((file) => track(replace(file))));
  remove.addEventListener("click", () => set({ picture: "", picture_across: "", picture_down: "" }));
  shown.addEventListener("click", (event) => {
    const { left, top, width, height } = shown.getBoundingClientRect();
    const percent = (part, whole) => Math.round((100 * part) / whole);
    set({ picture_across: percent(event.clientX - left, width), picture_down: percent(event.clientY - top, height) });
  });
  form.addEventListener("input", show);
  show();
  return show;
}
