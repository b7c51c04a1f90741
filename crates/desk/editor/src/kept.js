// What is kept in this browser until the server has it: an entry for each open page, so that two tabs never replace
// each other's. A page takes over the entries of pages that are no longer open.

// Each page holds a lock with the name of its entry for as long as it is open (https://w3c.github.io/web-locks).
// Browsers know locks only on secure pages; on others every entry is taken over, which loses nothing either, because
// words that are there already are not added again.
export class Kept {
  constructor(story, { storage = globalThis.localStorage, locks = globalThis.navigator?.locks } = {}) {
    Object.assign(this, { storage, locks });
    this.name(story);
  }

  name(story) {
    this.prefix = `masthead-${story}-`;
    this.key = `${this.prefix}${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    this.locks?.request(this.key, () => new Promise(() => {}));
  }

  // The article has got its number.
  rename(story) {
    this.remove();
    this.name(story);
  }

  // Keeps an entry. Returns false if the browser does not.
  put(entry, key = this.key) {
    try {
      this.storage.setItem(key, JSON.stringify(entry));
      return true;
    } catch {
      return false;
    }
  }

  remove(key = this.key) {
    try {
      this.storage.removeItem(key);
    } catch {
      // A browser that keeps nothing has nothing to remove.
    }
  }

  // A further entry of this page, which outlives it: a version that lost against somebody else's.
  aside(entry) {
    const key = `${this.key}-aside-${Date.now()}`;
    return this.put(entry, key) ? key : null;
  }

  // The entries of pages that are no longer open: their keys, and what they hold.
  async abandoned() {
    const found = [];
    try {
      const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index));
      for (const key of keys.filter((key) => this.belongs(key) && key !== this.key)) {
        const entry = JSON.parse(this.storage.getItem(key));
        if (entry?.sheet && (await this.isAbandoned(key))) found.push({ key, entry });
      }
    } catch {
      // What cannot be read is left where it is.
    }
    return found.sort((one, other) => (one.entry.at ?? 0) - (other.entry.at ?? 0));
  }

  isAbandoned(key) {
    return this.locks ? this.locks.request(key, { ifAvailable: true }, (lock) => lock !== null) : true;
  }

  // The entry of this article, also as earlier versions of the editor named it.
  belongs(key) {
    return key.startsWith(this.prefix) || `${key}-` === this.prefix;
  }
}
