// Keeps what is written: in this browser with every key, on the server a moment later. What others wrote meanwhile
// is brought in; where that cannot be done without losing words, theirs stands and ours is kept aside.

import { isEmpty, read, schema, write } from "./schema.js";
import { mergeDocs, mergeWords } from "./merge.js";

const REST = 1200;
const LOOK = 4000;
const RETRY = [2000, 5000, 10000, 30000];

export class Saving {
  constructor(form, view, status, note, shown) {
    Object.assign(this, { form, view, status, note, shown });
    this.version = Number(form.elements.version.value);
    this.base = this.sheet();
    this.key = `masthead-${form.dataset.account}-${form.dataset.story}`;
    this.failures = 0;
    form.addEventListener("input", () => this.changed());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.save(true));
    window.addEventListener("online", () => this.save());
    window.addEventListener("pagehide", () => this.save(true));
    this.say("Saved");
    this.recover();
    this.looking = setTimeout(() => this.look(), 200);
  }

  // What the form holds, field by field.
  sheet() {
    const sheet = Object.fromEntries(new FormData(this.form));
    delete sheet.version;
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
    if (!this.failures) this.say("Not saved yet");
  }

  // A closed laptop, a crash, a lost connection: what is not on the server yet is here.
  keepHere() {
    const sheet = this.sheet();
    try {
      if (this.isDirty(sheet)) localStorage.setItem(this.key, JSON.stringify({ version: this.version, base: this.base, sheet }));
      else localStorage.removeItem(this.key);
    } catch {
      // A browser that keeps nothing saves a moment later all the same.
    }
  }

  recover() {
    let kept;
    try {
      kept = JSON.parse(localStorage.getItem(this.key));
    } catch {
      return;
    }
    if (!kept) return;
    const theirs = this.base;
    this.base = kept.base;
    this.put(kept.sheet);
    this.bringIn({ sheet: theirs, version: this.version, by: "" });
    this.tell("What this browser had kept and not yet saved is back in the text.");
    this.changed();
  }

  async save(isLeaving = false) {
    clearTimeout(this.resting);
    if (this.saving) return isLeaving ? undefined : this.saving.then(() => this.save());
    const sheet = this.sheet();
    if (!this.isDirty(sheet)) return this.settle();
    // Whatever goes wrong, it is said, and the next save is not kept from its turn.
    this.saving = this.send(sheet, {}, isLeaving)
      .catch(() => this.failed("The server has answered something else than expected. What you write is kept in this browser, and it is tried again."))
      .finally(() => (this.saving = null));
    const went = await this.saving;
    if (went === "again") await this.save();
  }

  async send(sheet, more, isLeaving) {
    const body = new URLSearchParams({ ...sheet, version: this.version, ...more });
    const request = { method: "POST", body, headers: { accept: "application/json" } };
    // Browsers let a page that is left send this much.
    request.keepalive = isLeaving && body.toString().length < 60000;
    let answer;
    try {
      answer = await fetch(this.form.action, request);
    } catch {
      return this.failed("There is no connection. What you write is kept in this browser until there is one.");
    }
    if (answer.status === 409) {
      await this.bringIn(await answer.json());
      return "again";
    }
    if (answer.status === 401 || answer.status === 403) return this.refused(await answer.json());
    if (answer.status === 413 || answer.status === 400) return this.failed("This is too long to be saved. Cut it in two; it is kept in this browser until then.");
    if (!answer.ok) return this.failed("The server does not save at the moment. What you write is kept in this browser, and it is tried again.");
    const told = await answer.json();
    const wasFaulty = this.failures > 0 || this.isRefused;
    this.failures = 0;
    this.isRefused = Boolean(told.fault);
    if (more.aside) return "done";
    this.base = sheet;
    this.seen(told.version);
    // What else was told stays to be read.
    if (told.fault || wasFaulty) this.tell(told.fault ?? "");
    this.keepHere();
    if (!this.isDirty()) this.settle();
    return "done";
  }

  settle() {
    this.say(`Saved ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`);
  }

  // Something has to be done in another tab first. It is tried again until then.
  refused({ fault, address, link }) {
    return this.failed(`${fault} What you write is kept in this browser meanwhile.`, { address, link });
  }

  failed(why, way) {
    this.keepHere();
    this.say("Not saved");
    this.tell(why, way);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.save(), RETRY[Math.min(this.failures++, RETRY.length - 1)]);
    return "failed";
  }

  seen(version) {
    this.version = version;
    for (const field of document.querySelectorAll("input[name=version]")) field.value = version;
  }

  // Who else is here, and what have they written?
  async look() {
    clearTimeout(this.looking);
    if (document.visibilityState === "visible" && !this.saving) {
      try {
        const answer = await fetch(`${this.form.action}/latest?version=${this.version}`, { headers: { accept: "application/json" } });
        if (answer.ok) {
          const told = await answer.json();
          this.others(told.others ?? []);
          if (told.sheet && told.version > this.version && !this.saving) await this.bringIn(told);
        }
      } catch {
        // Saving says it when there is no connection.
      }
    }
    this.looking = setTimeout(() => this.look(), LOOK);
  }

  others(names) {
    const said = names.length === 0 ? "" : `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} in this article too.`;
    if (this.note.others.textContent !== said) this.note.others.textContent = said;
  }

  async bringIn({ sheet: theirs, version, by }) {
    const [base, mine] = [this.base, this.sheet()];
    const merged = {};
    const clashes = [];
    for (const name of Object.keys(mine)) {
      if (name === "body") continue;
      if (mine[name] === base[name] || mine[name] === theirs[name]) merged[name] = theirs[name];
      else if (theirs[name] === base[name]) merged[name] = mine[name];
      else {
        const both = mergeWords(base[name] ?? "", mine[name], theirs[name]);
        if (both === null) clashes.push(name);
        merged[name] = both ?? theirs[name];
      }
    }
    const { doc, isClean } = mergeDocs(schema, read(base.body), this.view.state.doc, read(theirs.body));
    if (!isClean) clashes.push("text");
    if (clashes.length) await this.send(mine, { aside: "yes" }, false);
    this.base = { ...theirs };
    this.seen(version);
    this.put(merged, doc);
    // What both wrote alike is not written again.
    this.base.body = write(read(theirs.body));
    if (clashes.length) {
      const who = by || "Somebody else";
      this.tell(`${who} changed the same words as you. Theirs stand; yours are kept, and you can compare them under Revisions.`);
    }
    this.keepHere();
    if (this.isDirty()) this.changed();
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

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  // Says what is wrong and, if there is one, the way to where something can be done about it.
  tell(text, way) {
    this.note.fault.textContent = text;
    if (way?.address) {
      const link = Object.assign(document.createElement("a"), { href: way.address, target: "_blank", textContent: way.link });
      this.note.fault.append(" ", link);
    }
    this.note.fault.hidden = !text;
  }
}
