// The editor of the desk: the form of an article, made comfortable.

import { dropCursor } from "prosemirror-dropcursor";
import { gapCursor } from "prosemirror-gapcursor";
import { history } from "prosemirror-history";
import { toggleMark } from "prosemirror-commands";
import { EditorState } from "prosemirror-state";
import { tableEditing } from "prosemirror-tables";
import { EditorView } from "prosemirror-view";
import { ask } from "./ask.js";
import { complete } from "./names.js";
import { cleanPasted } from "./paste.js";
import { choose, insertPicture, lead, pictures } from "./pictures.js";
import { Saving } from "./saving.js";
import { hostOf, read, schema } from "./schema.js";
import { insert, keys, rules, toolbar, tools } from "./tools.js";
import { isUploading, uploaded } from "./uploads.js";
import { nodeViews } from "./views.js";

function askLink(state, dispatch, view) {
  const { marks } = schema;
  const { from, to, empty, $from } = state.selection;
  const known = marks.link.isInSet($from.marks()) ?? (empty ? null : state.doc.nodeAt(from)?.marks.find((mark) => mark.type === marks.link));
  if (empty && !known) return true;
  if (known && empty) return true;
  if (state.doc.rangeHasMark(from, to, marks.link)) return toggleMark(marks.link)(state, dispatch);
  ask("Link", [{ name: "href", label: "Address", hint: "https://… or a path of this site, such as /town/bridge", required: true }]).then((answer) => {
    if (answer) toggleMark(marks.link, { href: addressOf(answer.href) })(view.state, view.dispatch);
    view.focus();
  });
  return true;
}

function addressOf(text) {
  const trimmed = text.trim();
  return /^([a-z]+:|\/|#)/i.test(trimmed) ? trimmed : `https://${trimmed}`;
}

function askEmbed(state, dispatch, view) {
  const fields = [{ name: "href", label: "Its address", type: "url", required: true, hint: "Readers see a card; nothing is asked of the other site until they click." }];
  ask("Something from elsewhere", fields).then((answer) => {
    if (answer && hostOf(answer.href)) insert(schema.nodes.embed.create({ href: answer.href }))(view.state, view.dispatch);
    view.focus();
  });
  return true;
}

// What leads away from here waits until every picture is here and everything is saved.
function leaveWhenSaved(saving) {
  let isWaiting = false;
  const settle = async (leave) => {
    if (isWaiting) return;
    isWaiting = true;
    if (isUploading()) saving.tell("A picture is still being sent. The next page opens when it is here.");
    const isComplete = await uploaded();
    if (isComplete) await saving.save();
    isWaiting = false;
    if (isComplete) leave();
  };
  const isSettled = () => !saving.isDirty() && !isUploading();
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.target || event.metaKey || event.ctrlKey || link.closest(".ProseMirror") || isSettled()) return;
    event.preventDefault();
    settle(() => (location.href = link.href));
  });
  document.getElementById("workflow")?.addEventListener("submit", (event) => {
    if (isSettled()) return;
    event.preventDefault();
    const { target, submitter } = event;
    settle(() => saving.failures || target.requestSubmit(submitter));
  });
  window.addEventListener("beforeunload", (event) => isUploading() && event.preventDefault());
}

function start(form) {
  const field = form.elements.body;
  const place = document.createElement("div");
  place.className = "text";
  field.hidden = true;
  field.disabled = true;
  let saving = null;
  let view = null;
  const tell = (text) => saving?.tell(text);
  const askPicture = (state) => {
    choose().then((file) => insertPicture(view, file, state.selection.from, tell));
    return true;
  };
  const all = tools({ askLink, askEmbed, askPicture });
  const bar = toolbar(all, () => view);
  const save = () => {
    saving?.save();
    return true;
  };
  const state = EditorState.create({
    doc: read(field.value),
    plugins: [rules, ...keys(all, save), history(), dropCursor(), gapCursor(), tableEditing(), pictures(tell)],
  });
  view = new EditorView(place, {
    state,
    nodeViews,
    attributes: { role: "textbox", "aria-multiline": "true", "aria-labelledby": "text-label" },
    transformPastedHTML: cleanPasted,
    dispatchTransaction(change) {
      view.updateState(view.state.apply(change));
      bar.update(view.state);
      if (change.docChanged && !change.getMeta("fromElsewhere")) saving?.changed();
    },
  });
  field.before(bar.row, place);
  bar.update(view.state);
  form.querySelectorAll("[data-names]").forEach(complete);
  const note = { fault: document.getElementById("fault"), others: document.getElementById("others") };
  document.querySelectorAll("[data-with-script]").forEach((element) => (element.hidden = false));
  const showLead = lead(form, () => saving.changed(), tell);
  saving = new Saving(form, view, document.getElementById("saved"), note, showLead);
  document.querySelectorAll("[data-without-script]").forEach((element) => (element.hidden = true));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    saving.save();
  });
  leaveWhenSaved(saving);
  form.dataset.ready = "yes";
}

const form = document.getElementById("story");
if (form) start(form);
