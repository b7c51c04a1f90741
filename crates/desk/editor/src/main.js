// The editor of the desk: the form of an article, made comfortable.

import { dropCursor } from "prosemirror-dropcursor";
import { gapCursor } from "prosemirror-gapcursor";
import { history } from "prosemirror-history";
import { EditorState } from "prosemirror-state";
import { tableEditing } from "prosemirror-tables";
import { EditorView } from "prosemirror-view";
import { ask } from "./ask.js";
import { beginner } from "./begun.js";
import { besideBlocks, insertBlock } from "./insertion.js";
import { Kept } from "./kept.js";
import { lead } from "./lead.js";
import { leaveWhenSaved } from "./leaving.js";
import { addressOf, askLink, links } from "./links.js";
import { Messages } from "./messages.js";
import { complete } from "./names.js";
import { cleanPasted } from "./paste.js";
import { insertPictures, pictures } from "./pictures.js";
import { Saving } from "./saving.js";
import { hostOf, read, schema } from "./schema.js";
import { keys, rules, toolbar, tools } from "./tools.js";
import { languageOf, watch } from "./typography.js";
import { choose } from "./upload.js";
import { nodeViews } from "./views.js";

const EMBED = { name: "href", label: "Address", required: true, hint: "Readers see a card. Their browsers do not contact the other site until they click it." };

function askEmbed(state, dispatch, view) {
  const check = ({ href }) => (/^https?:/.test(addressOf(href) ?? "") ? "" : "Enter the address of the page, such as https://www.youtube.com/watch?v=…");
  ask("Embed a video or another page", [EMBED], { check, done: "Add embed" }).then((answer) => {
    view.focus();
    if (answer && hostOf(addressOf(answer.href))) insertBlock(() => schema.nodes.embed.create({ href: addressOf(answer.href) }))(view.state, view.dispatch);
  });
  return true;
}

// The bar and the tools stay in sight, and nothing that is looked at is below them.
function keepInSight(bar, row, view) {
  const measure = () => {
    const isSticky = (element) => getComputedStyle(element).position === "sticky";
    const [high, low] = [bar, row].map((element) => (isSticky(element) ? element.offsetHeight : 0));
    document.documentElement.style.setProperty("--bar", `${high}px`);
    document.documentElement.style.setProperty("--tools", `${low}px`);
    const margin = { top: high + low + 16, bottom: 88, left: 0, right: 0 };
    view.setProps({ scrollMargin: margin, scrollThreshold: margin });
  };
  const sizes = new ResizeObserver(measure);
  sizes.observe(bar);
  sizes.observe(row);
  measure();
}

function createView(place, { html, all, bar, tell, language, save, changed }) {
  const state = EditorState.create({
    doc: read(html),
    plugins: [rules(language), ...keys(all, save), besideBlocks, links, history(), dropCursor(), gapCursor(), tableEditing(), pictures(tell)],
  });
  const view = new EditorView(place, {
    state,
    nodeViews,
    attributes: { role: "textbox", "aria-multiline": "true", "aria-labelledby": "text-label" },
    transformPastedHTML: cleanPasted,
    dispatchTransaction(change) {
      view.updateState(view.state.apply(change));
      bar.update(view.state);
      if (change.docChanged && !change.getMeta("fromElsewhere")) changed();
    },
  });
  return view;
}

// The status, as it is after a save: “Published 09:00, changes not published”.
function summarize(said) {
  const summary = document.getElementById("summary");
  if (!said || summary.textContent === said) return;
  summary.textContent = said;
  document.querySelector(".bar [data-to=publication]")?.classList.remove("quiet");
}

function start(form) {
  const field = form.elements.body;
  const place = document.createElement("div");
  place.className = "text";
  field.hidden = true;
  field.disabled = true;
  const messages = new Messages(document.getElementById("fault"));
  const tell = (text) => messages.tell(text, text);
  const language = languageOf(form.dataset.language);
  let saving = null;
  let view = null;
  const askPicture = (state) => {
    choose({ multiple: true }).then((files) => insertPictures(view, files, state.selection.from, tell));
    return true;
  };
  const save = () => {
    saving?.save();
    return true;
  };
  const all = tools({ askLink, askEmbed, askPicture });
  const bar = toolbar(all, () => view);
  view = createView(place, { html: field.value, all, bar, tell, language, save, changed: () => saving?.changed() });
  field.before(bar.row, place);
  bar.update(view.state);
  form.querySelectorAll("[data-names]").forEach(complete);
  form.querySelectorAll("[data-print-quotes]").forEach((line) => watch(line, language));
  document.querySelectorAll("[data-with-script]").forEach((element) => (element.hidden = false));
  document.querySelectorAll("[data-without-script]").forEach((element) => (element.hidden = true));
  const shown = lead(form, () => saving.changed(), tell);
  const kept = new Kept(`${form.dataset.account}-${form.dataset.story || "new"}`);
  const [status, others] = ["saved", "others"].map((id) => document.getElementById(id));
  saving = new Saving({ form, view, status, messages, others, kept, shown, begun: beginner(form, kept), summarize });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    saving.save();
  });
  keepInSight(document.querySelector(".bar"), bar.row, view);
  leaveWhenSaved(saving, messages);
  if (!form.dataset.story) form.elements.headline.focus();
  form.dataset.ready = "yes";
}

const form = document.getElementById("story");
if (form) start(form);
