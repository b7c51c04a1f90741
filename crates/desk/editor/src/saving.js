// Keeps what is written: in this browser with every key, on the server a moment later. What others wrote meanwhile
// is brought in; where that cannot be done without losing words, theirs is kept and ours is set aside.

import { waysToCopy } from "./copies.js";
import { mergeSheets } from "./merge.js";
import { SAVE } from "./messages.js";
import { isEmpty, read, schema, write } from "./schema.js";
import { list, say, sayCount } from "./words.js";

const REST = 1200;
const LOOK = 4000;
const RETRY = [2000, 5000, 10000, 30000];

// Whether the server has made this of what was sent: it trims lines, and completes links.
function isSame(sent, stored) {
  const { body, ...lines } = sent;
  return Object.keys(lines).every((name) => !(name in stored) || lines[name].trim() === stored[name].trim()) && read(body).eq(read(stored.body));
}

export class Saving {
  constructor({ form, view, status, messages, others, kept, shown, begun, summarize }) {
    Object.assign(this, { form, view, status, messages, place: { others }, kept, shown, begun, summarize });
    this.version = Number(form.elements.version.value);
    this.base = this.sheet();
    this.savedAt = form.dataset.saved;
    this.failures = 0;
    form.addEventListener("input", () => this.changed());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.save(true));
    window.addEventListener("online", () => this.save());
    window.addEventListener("pagehide", () => this.save(true));
    this.settle();
    this.recover();
    this.looking = setTimeout(() => this.look(), 200);
  }

  // What the form holds, field by field.
  sheet() {
    const sheet = Object.fromEntries(new FormData(this.form));
    delete sheet.version;
    delete sheet.begun;
    sheet.body = isEmpty(this.view.state.doc) ? "" : write(this.view.state.doc);
    return sheet;
  }

  isDirty(sheet = this.sheet()) {
    return Object.keys(sheet).some((name) => sheet[name] !== this.base[name]);
  }

  changed() {
    clearTimeout(this.resting);
    clearTimeout(this.noting);
    this.noting = setTimeout(() => this.keepHere(), 250);
    this.resting = setTimeout(() => this.save(), REST);
    if (!this.failures) this.say("unsaved", say("not_saved_yet"));
  }

  // A closed laptop, a crash, a lost connection: what is not on the server yet is here.
  keepHere() {
    const sheet = this.sheet();
    if (this.isDirty(sheet)) return this.kept.put({ version: this.version, base: this.base, sheet, begun: this.token(), at: Date.now() });
    this.kept.remove();
    return true;
  }

  // Takes over what pages have kept that are no longer open. All of it is dirty until the server has it.
  async recover() {
    const found = await this.kept.abandoned();
    for (const { key, entry } of found.filter(({ entry }) => this.adopts(entry))) {
      if (entry.isAside) await this.sendAside(entry.sheet, key);
      else await this.takeOver(key, entry);
    }
    if (found.length) this.changed();
  }

  // A new article that was kept may be on the server already: it is saved as that article. Any other is left to the next page.
  adopts({ begun }) {
    if (!begun || begun === this.token() || this.form.dataset.story) return true;
    if (this.isAdopting) return false;
    this.isAdopting = true;
    this.form.elements.begun.value = begun;
    return true;
  }

  // What an article is known by until it has a number.
  token() {
    return this.form.dataset.story ? undefined : (this.form.elements.begun?.value ?? "");
  }

  async takeOver(key, { base, sheet }) {
    const [server, now] = [this.base, this.sheet()];
    const merged = mergeSheets(schema, { base, mine: sheet, theirs: now, mineDoc: read(sheet.body) });
    if (merged.clashes.length) this.setAside(sheet);
    this.put(merged.sheet, merged.doc);
    this.base = server;
    if (this.keepHere()) this.kept.remove(key);
    this.messages.tell("kept", say("text_is_back"));
  }

  async save(isLeaving = false) {
    clearTimeout(this.resting);
    if (this.isOver) return undefined;
    if (this.saving) return isLeaving ? undefined : this.saving.then(() => this.save());
    const sheet = this.sheet();
    if (!this.isDirty(sheet)) return this.settle();
    // Whatever goes wrong, it is said, and the next save is not kept from its turn.
    this.saving = this.send(sheet, {}, isLeaving)
      .catch(() => this.failed(say("unexpected_answer")))
      .finally(() => (this.saving = null));
    const went = await this.saving;
    if (went === "again") await this.save();
  }

  async post(sheet, more, isLeaving) {
    const known = this.form.dataset.story ? {} : { begun: this.token() };
    const body = new URLSearchParams({ ...sheet, ...known, version: this.version, ...more });
    const request = { method: "POST", body, headers: { accept: "application/json" } };
    // Browsers let a page that is left send this much.
    request.keepalive = isLeaving && body.toString().length < 60000;
    return fetch(this.form.action, request);
  }

  async send(sheet, more, isLeaving) {
    let answer;
    this.sent = sheet;
    try {
      answer = await this.post(sheet, more, isLeaving);
    } catch {
      return this.failed(say("no_connection"));
    }
    if (answer.status === 409) {
      const told = await answer.json();
      this.named(told.number);
      await this.bringIn(told);
      return "again";
    }
    if (!answer.ok) return this.refused(answer);
    this.accepted(sheet, await answer.json());
    return "done";
  }

  // A new article has got its number.
  named(number) {
    if (number && !this.form.dataset.story) this.begun?.(number);
  }

  accepted(sheet, told) {
    this.failures = 0;
    this.base = sheet;
    this.savedAt = told.saved ?? this.savedAt;
    this.summarize?.(told.summary);
    this.named(told.number);
    this.seen(told.version);
    this.rejected = told.fault ?? "";
    if (this.rejected) this.messages.tell(SAVE, this.rejected);
    else this.messages.clear(SAVE);
    this.keepHere();
    if (!this.isDirty()) this.settle();
  }

  settle() {
    if (this.rejected) this.say("failed", say("partly_saved"));
    else this.say("saved", this.savedAt ? say("saved_at", { time: this.savedAt }) : "");
  }

  // Why the server has not saved. Some of it can be put right in another tab, and it is tried again until then.
  async refused(answer) {
    if (answer.status === 413 || answer.status === 400) return this.failed(say("too_long"));
    if (![401, 403, 404].includes(answer.status)) return this.failed(say("server_busy"));
    const { fault, address, link, final: isFinal } = await answer.json();
    if (isFinal) return this.end(fault);
    return this.failed(say("kept_until", { fault }), [{ address, label: link }]);
  }

  // Nothing more will be saved from here: the writer has lost access, or the article is gone.
  end(fault) {
    this.isOver = true;
    clearTimeout(this.looking);
    return this.failed(say("keep_a_copy", { fault }));
  }

  failed(why, ways = []) {
    this.keepHere();
    this.say("failed", say("not_saved"));
    const now = () => ({ sheet: this.sheet(), words: this.view.state.doc.textBetween(0, this.view.state.doc.content.size, "\n\n") });
    this.messages.tell(SAVE, why, [...ways, ...waysToCopy(now)]);
    clearTimeout(this.resting);
    const wait = RETRY[Math.min(this.failures++, RETRY.length - 1)];
    if (!this.isOver) this.resting = setTimeout(() => this.save(), wait);
    return "failed";
  }

  seen(version) {
    this.version = version;
    for (const field of document.querySelectorAll("input[name=version]")) field.value = version;
  }

  // Who else is here, and what have they written?
  async look() {
    clearTimeout(this.looking);
    if (this.isOver) return;
    if (document.visibilityState === "visible" && !this.saving && this.form.dataset.story) {
      try {
        const answer = await fetch(`${this.form.action}/latest?version=${this.version}`, { headers: { accept: "application/json" } });
        if (answer.ok) await this.heard(await answer.json());
        else if (answer.status === 403 || answer.status === 404) await this.lost(await answer.json());
      } catch {
        // Saving says it when there is no connection.
      }
    }
    if (!this.isOver) this.looking = setTimeout(() => this.look(), LOOK);
  }

  async heard(told) {
    this.others(told.others ?? []);
    if (told.sheet && told.version > this.version && !this.saving) await this.bringIn(told);
  }

  // A writer who has lost access is told at once, and not only at the next key.
  async lost({ fault, final: isFinal }) {
    if (isFinal && !this.isOver) this.end(fault);
  }

  others(names) {
    const said = names.length === 0 ? "" : sayCount("others_here", names.length, { names: list(names) });
    if (this.place.others.textContent !== said) this.place.others.textContent = said;
  }

  async bringIn({ sheet: theirs, version, by }) {
    // A save whose answer was lost has arrived all the same: what has changed since then is only ours.
    const base = this.sent && isSame(this.sent, theirs) ? theirs : this.base;
    const mine = this.sheet();
    const merged = mergeSheets(schema, { base, mine, theirs, mineDoc: this.view.state.doc });
    if (merged.clashes.length) this.setAside(mine);
    this.base = { ...theirs };
    this.seen(version);
    this.put(merged.sheet, merged.doc);
    // What both wrote alike is not written again.
    this.base.body = write(read(theirs.body));
    if (merged.clashes.length) {
      this.messages.tell("clash", say("same_words", { name: by || say("somebody") }));
    }
    this.keepHere();
    if (this.isDirty()) this.changed();
  }

  // A version that has lost becomes a revision. Until the server has it, this browser does, also after the page is closed.
  // Nothing waits for it: what is typed meanwhile must not be replaced.
  setAside(sheet) {
    const key = this.kept.aside({ isAside: true, sheet, at: Date.now() });
    this.sendAside(sheet, key);
  }

  async sendAside(sheet, key) {
    // A new article has no revisions before its first save.
    const answer = this.form.dataset.story ? await this.post(sheet, { aside: "yes" }, false).catch(() => null) : null;
    if (answer?.ok) return this.kept.remove(key);
    if (!this.isOver) setTimeout(() => this.sendAside(sheet, key), RETRY.at(-1));
  }

  // Puts a sheet into the form, and leaves the cursor where it is.
  put(sheet, doc = read(sheet.body)) {
    for (const [name, value] of Object.entries(sheet)) {
      const field = this.form.elements[name];
      if (name !== "body" && field && field.value !== value) field.value = value;
    }
    this.shown();
    const { state } = this.view;
    const start = state.doc.content.findDiffStart(doc.content);
    if (start === null) return;
    let { a, b } = state.doc.content.findDiffEnd(doc.content);
    const overlap = start - Math.min(a, b);
    if (overlap > 0) (a += overlap), (b += overlap);
    const change = state.tr.replace(start, a, doc.slice(start, b)).setMeta("addToHistory", false).setMeta("fromElsewhere", true);
    this.view.dispatch(change);
  }

  say(state, text) {
    this.status.dataset.state = state;
    if (this.status.textContent !== text) this.status.textContent = text;
  }
}
