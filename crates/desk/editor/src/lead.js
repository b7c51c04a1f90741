// The lead picture, beside the text.

import { focalPoint } from "./focus.js";
import { choosePicture } from "./library.js";
import { shownAt } from "./shown.js";
import { choose, progressLine, send } from "./upload.js";
import { track } from "./uploads.js";

const DESCRIPTION = ["picture_alt", "picture_caption", "picture_credit"];

// What describes a picture that has taken the place of another: only what was written while it was sent.
export function described(before, now) {
  return Object.fromEntries(Object.keys(before).map((name) => [name, now[name] === before[name] ? "" : now[name]]));
}

// The page on which the parts of a picture are chosen that are shown in each place; empty if it is not in the library.
export function cropsPage(src) {
  const [, stem] = src.match(/^\/media\/([^./?]+)/) ?? [];
  return stem ? `/desk/pictures/${stem}/crops` : "";
}

export function lead(form, changed, tell) {
  const field = (name) => form.elements[name];
  const [shown, point, remove, button, crops] = ["lead-shown", "lead-point", "lead-remove", "lead-choose", "lead-crops"].map((id) => document.getElementById(id));
  const get = () => ({ across: Number(field("picture_across").value || 50), down: Number(field("picture_down").value || 50) });
  const setPoint = ({ across, down }) => set({ picture_across: across, picture_down: down });
  const showPoint = focalPoint(shown, point, document.querySelectorAll(".crops img"), { get, set: setPoint });
  const show = () => {
    const src = field("picture").value;
    shown.parentElement.hidden = remove.hidden = !src;
    // Without a picture there is nothing to describe, and a description would not be saved.
    for (const more of document.querySelectorAll("[data-lead]")) more.hidden = !src && !button.disabled;
    if (src && !shown.src.endsWith(shownAt(src))) shown.src = shownAt(src);
    const page = cropsPage(src);
    crops.parentElement.hidden = !page;
    crops.href = page;
    showPoint(src);
  };
  const set = (values) => {
    for (const [name, value] of Object.entries(values)) field(name).value = value;
    show();
    changed();
  };
  const description = () => Object.fromEntries(DESCRIPTION.map((name) => [name, field(name).value]));
  const replace = async (file) => {
    const before = description();
    const { line, update } = progressLine(file.name, 1, 1);
    button.parentElement.after(line);
    button.disabled = true;
    update(0);
    show();
    try {
      const { src, note } = await send(file, update);
      if (note) tell(`${file.name}: ${note}`);
      set({ picture: src, ...described(before, description()), picture_across: "", picture_down: "" });
      if ([document.body, button].includes(document.activeElement)) field("picture_alt").focus();
      return true;
    } catch (error) {
      tell(error.message);
      return false;
    } finally {
      line.remove();
      button.disabled = false;
      show();
    }
  };
  button.addEventListener("click", () => choose().then(([file]) => track(replace(file))));
  // A picture of the library brings what is noted about it.
  document.getElementById("lead-library").addEventListener("click", async () => {
    const picture = await choosePicture();
    if (!picture) return;
    const { src, alt, caption, credit } = picture;
    set({ picture: src, picture_alt: alt, picture_caption: caption, picture_credit: credit, picture_across: "", picture_down: "" });
    field("picture_alt").focus();
  });
  remove.addEventListener("click", () => set({ picture: "", ...Object.fromEntries(DESCRIPTION.map((name) => [name, ""])), picture_across: "", picture_down: "" }));
  form.addEventListener("input", show);
  show();
  return show;
}
