// The editor: the form of an article, made comfortable.

import { dropCursor } from "prosemirror-dropcursor";
import { gapCursor } from "prosemirror-gapcursor";
import { history } from "prosemirror-history";
import { EditorState } from "prosemirror-state";
import { tableEditing } from "prosemirror-tables";
import { EditorView } from "prosemirror-view";
import { appearance } from "./appearance.js";
import { beginner } from "./begun.js";
import { blocks } from "./blocks.js";
import { commented, passagesOnPage } from "./commented.js";
import { commenting } from "./comments.js";
import { counter } from "./count.js";
import { directionOf } from "./direction.js";
import { make } from "./elements.js";
import { askEmbed } from "./embeds.js";
import { FindPanel } from "./find-panel.js";
import { finding } from "./find.js";
import { footnoteOrder } from "./footnotes.js";
import { galleries } from "./gallery.js";
import { hints } from "./hints.js";
import { besideBlocks } from "./insertion.js";
import { Kept } from "./kept.js";
import { keys, rules } from "./keys.js";
import { lead } from "./lead.js";
import { leaveWhenSaved } from "./leaving.js";
import { askLibrary } from "./library.js";
import { askLink, links } from "./links.js";
import { menu, menuAttributes } from "./menu.js";
import { Messages } from "./messages.js";
import { complete } from "./names.js";
import { panel } from "./panel.js";
import { cleanPasted } from "./paste.js";
import { insertPictures, pictures } from "./pictures.js";
import { prompts } from "./prompts.js";
import { askRelated } from "./related.js";
import { Saving } from "./saving.js";
import { whenResting } from "./resting.js";
import { read } from "./schema.js";
import { keepInSight, titles } from "./sheet.js";
import { toolbar } from "./toolbar.js";
import { tools } from "./tools.js";
import { languageOf, watch } from "./typography.js";
import { choose } from "./upload.js";
import { nodeViews } from "./views.js";

const byId = (id) => document.getElementById(id);

// What tools and blocks ask for before they do something.
function questions(view, tell) {
  const askFiles = (more) => () => {
    // Where the cursor is afterwards: somebody else may have written meanwhile.
    choose({ multiple: true }).then((files) => files.length && insertPictures(view(), files, view().state.selection.from, tell, more));
    return true;
  };
  return { askLink, askEmbed, askRelated, askLibrary, askPictures: askFiles(), askGallery: askFiles({ gallery: "new" }) };
}

function createView(place, { html, plugins, tell, updated, changed }) {
  const attributes = (state) => ({ role: "textbox", "aria-multiline": "true", "aria-labelledby": "text-label", ...menuAttributes(state) });
  const view = new EditorView(place, {
    state: EditorState.create({ doc: read(html), plugins }),
    nodeViews: nodeViews(tell),
    attributes,
    transformPastedHTML: cleanPasted,
    dispatchTransaction(change) {
      view.updateState(view.state.apply(change));
      updated(view.state);
      if (change.docChanged && !change.getMeta("fromElsewhere")) changed();
    },
  });
  return view;
}

// The status, as it is after a save: “Published 09:00, changes not published”.
function summarize(said) {
  const summary = byId("summary");
  if (!said || summary.textContent === said) return;
  summary.textContent = said;
  document.querySelector(".bar [data-to=publication]")?.classList.remove("quiet");
}

// The text, in place of the field for it.
function text(form, { tell, changed, save, updated: told }) {
  const field = form.elements.body;
  const place = make("div", { className: "text" });
  field.hidden = field.disabled = true;
  const language = languageOf(form.dataset.language);
  let view = null;
  const ask = questions(() => view, tell);
  const find = new FindPanel(() => view, language);
  const all = tools({ ...ask, askComment: commenting(form, tell), openFind: () => find.open() });
  const bar = toolbar(all, () => view);
  const head = make("div", { className: "head" }, bar.row, find.dom);
  byId("tools").replaceWith(head);
  field.before(place);
  const count = counter(byId("count"));
  const direct = whenResting((doc) => {
    place.dir = directionOf(doc.textContent, form.dataset.direction);
  });
  const updated = (state) => {
    bar.update(state);
    count(state.doc);
    direct(state.doc);
    told(state);
  };
  const editing = [prompts, besideBlocks, links, history(), dropCursor(), gapCursor(), tableEditing(), footnoteOrder, galleries, pictures(tell)];
  const plugins = [menu(blocks(ask)), rules(language), ...keys(all, save), ...editing, commented(passagesOnPage(), `${form.action}/comments`), hints, finding(() => find)];
  view = createView(place, { html: field.value, plugins, tell, updated, changed });
  updated(view.state);
  form.querySelectorAll("[data-print-quotes]").forEach((line) => watch(line, language));
  keepInSight(document.querySelector(".bar"), head, view);
  return view;
}

// What is only offered while nothing is written.
function hideOffers() {
  for (const offer of document.querySelectorAll("[data-fresh]:not([hidden])")) offer.hidden = true;
}

function start(form) {
  const messages = new Messages(byId("fault"));
  const tell = (said) => messages.tell(said, said);
  let saving = null;
  const save = () => {
    saving?.save();
    return true;
  };
  form.addEventListener("input", hideOffers);
  const changed = () => {
    hideOffers();
    saving?.changed();
  };
  let preview = () => {};
  const view = text(form, { tell, save, changed, updated: () => preview() });
  form.querySelectorAll("[data-names]").forEach(complete);
  document.querySelectorAll("[data-with-script]").forEach((element) => (element.hidden = false));
  document.querySelectorAll("[data-without-script]").forEach((element) => (element.hidden = true));
  const beginning = () => view.state.doc.textBetween(0, Math.min(400, view.state.doc.content.size), " ");
  preview = appearance(form, { beginning, changed: () => saving.changed(), tell });
  const showLead = lead(form, () => saving.changed(), tell);
  const shown = () => {
    showLead();
    preview();
  };
  const kept = new Kept(`${form.dataset.account}-${form.dataset.story || "new"}`);
  saving = new Saving({ form, view, status: byId("saved"), messages, others: byId("others"), kept, shown, begun: beginner(form, kept), summarize });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    saving.save();
  });
  panel(byId("details"), byId("details-toggle"));
  titles(form, view);
  if (location.hash === "#body") view.focus();
  leaveWhenSaved(saving, messages);
  if (!form.dataset.story) form.elements.headline.focus();
  form.dataset.ready = "yes";
}

const form = byId("story");
if (form) start(form);
