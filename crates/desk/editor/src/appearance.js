// Previews of the article in search results and where its link is shared, as one types; and the picture for the latter.

import { progressLine, send, choose } from "./upload.js";
import { track } from "./uploads.js";

// What search engines and networks show at most, in characters.
const TITLE = 60;
const DESCRIPTION = 155;
const REST = 200;

export function cut(text, most) {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= most) return line;
  const kept = line.slice(0, most);
  return `${kept.slice(0, Math.max(kept.lastIndexOf(" "), most / 2)).replace(/[\s,;:.]+$/, "")}…`;
}

// What is shown for the fields of an article: what is set for it, or what follows from the article.
export function previewOf(fields, { site, publication, beginning }) {
  const description = fields.search_description || fields.deck || beginning;
  const host = site.replace(/^https?:\/\//, "");
  const path = [host, fields.section, fields.slug].filter(Boolean).join(" › ");
  return {
    search: { address: path, title: `${cut(fields.search_title || fields.headline, TITLE)} | ${publication}`, description: cut(description, DESCRIPTION) },
    social: { site: host, title: cut(fields.social_title || fields.headline, 90), description: cut(fields.social_description || description, DESCRIPTION), picture: fields.social_picture || fields.picture },
  };
}

function fill(kind, values) {
  for (const place of document.querySelectorAll(`[data-${kind}]`)) {
    const value = values[place.dataset[kind]] ?? "";
    if (place.localName !== "img") place.textContent = value;
    else if (value) place.src = value;
    if (place.localName === "img") place.hidden = !value;
  }
}

function picture(form, changed, tell, show) {
  const [button, remove] = ["social-choose", "social-remove"].map((id) => document.getElementById(id));
  const set = (src) => {
    form.elements.social_picture.value = src;
    show();
    changed();
  };
  const replace = async (file) => {
    const { line, update } = progressLine(file.name, 1, 1);
    button.parentElement.after(line);
    try {
      set((await send(file, update)).src);
      return true;
    } catch (error) {
      tell(error.message);
      return false;
    } finally {
      line.remove();
    }
  };
  button.addEventListener("click", () => choose().then(([file]) => file && track(replace(file))));
  remove.addEventListener("click", () => set(""));
  return () => (remove.hidden = !form.elements.social_picture.value);
}

// `beginning` gives the first words of the text. Returns what shows the previews as the form is now.
export function appearance(form, { beginning, changed, tell }) {
  const { site, publication } = document.querySelector("[data-site]").dataset;
  const now = () => {
    const { search, social } = previewOf(Object.fromEntries(new FormData(form)), { site, publication, beginning: beginning() });
    fill("result", search);
    fill("shared", social);
    showButtons();
  };
  const showButtons = picture(form, changed, tell, now);
  let resting;
  const later = () => {
    clearTimeout(resting);
    resting = setTimeout(now, REST);
  };
  form.addEventListener("input", later);
  now();
  return later;
}
