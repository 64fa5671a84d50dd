/* The copy on this device: every change at once, in IndexedDB. One record a page (`session`): the draft at the last
 * checkpoint, and the single edits since. A page that is gone leaves its record behind; the next one picks it up. */
const NAME = "firsthand-writing";
const LEAVING = "firsthand-leaving-";
const MOST_COPIES = 20;
const UNWRITTEN = "firsthand-unwritten-";

export class Journal {
  static async open(person, task, session) {
    const journal = new Journal(person, task, session);
    try {
      journal.base = await openBase();
    } catch (error) {
      journal.failed(error);
    }
    return journal;
  }

  constructor(person, task, session) {
    this.person = person;
    this.task = task;
    this.session = session;
    this.key = `${person}/${task}/${session}`;
    this.copiesKey = `copies/${person}/${task}`;
    this.base = null;
    this.savedAt = null;
    this.problem = "";
    this.stale = true;
    this.number = 0;
    this.unwritten = [];
    this.onChange = () => {};
  }

  /* One edit, written at once. After a failure edits alone are no use: the next checkpoint starts afresh. */
  append(edit) {
    if (!this.base || this.stale) return;
    const number = (this.number += 1);
    this.unwritten.push({ number, edit });
    this.write((drafts, edits) => edits.add({ draft: this.key, number, edit })).then((kept) => kept && this.written(number));
  }

  written(number) {
    this.unwritten = this.unwritten.filter((entry) => entry.number > number);
  }

  /* Edits whose writing is still under way as the page goes are noted where writing is immediate. */
  noteUnwritten() {
    if (!this.unwritten.length) return;
    try {
      localStorage.setItem(UNWRITTEN + this.key, JSON.stringify(this.unwritten));
    } catch {
      /* No room: what could be written stays. */
    }
  }

  /* The edits after a checkpoint, each once: those that were written, then those only noted. */
  editsAfter(record, rows) {
    const written = rows.filter(({ draft }) => draft === record.key);
    const last = Math.max(record.number ?? 0, ...written.map(({ number }) => number ?? 0));
    const noted = read(UNWRITTEN + record.key) ?? [];
    return [...written, ...noted.filter(({ number }) => number > last)].map(({ edit }) => edit);
  }

  /* Everything that is needed to rebuild the draft, in place of all that was kept before. */
  checkpoint(draft) {
    if (!this.base) return Promise.resolve();
    const { key, person, task, session, number } = this;
    const record = { key, person, task, session, number, ...draft.snapshot(), at: Date.now() };
    return this.write((drafts, edits) => {
      drafts.put(record);
      forEachOf(edits, this.key, (cursor) => cursor.delete());
    }).then((kept) => {
      this.stale = !kept;
      if (kept) this.written(number);
    });
  }

  /* The batch that a closing page sends without waiting. Returns whether it could be noted. */
  noteLeaving(batch) {
    try {
      localStorage.setItem(LEAVING + this.key, JSON.stringify(batch));
      return true;
    } catch {
      return !this.base || this.stale;
    }
  }

  forgetLeaving(key = this.key) {
    try {
      localStorage.removeItem(LEAVING + key);
      localStorage.removeItem(UNWRITTEN + key);
    } catch {
      /* A closed store holds nothing. */
    }
  }

  /* Drafts of this task that other pages left on this device: [{key, session, snapshot, edits}]. */
  async left() {
    if (!this.base) return [];
    const transaction = this.base.transaction(["drafts", "edits"]);
    const records = await result(transaction.objectStore("drafts").getAll());
    const rows = await result(transaction.objectStore("edits").getAll());
    return records
      .filter(({ person, task, key }) => person === this.person && task === this.task && key !== this.key)
      .map((record) => ({
        key: record.key,
        session: record.session,
        at: record.at,
        leaving: read(LEAVING + record.key),
        snapshot: record,
        edits: this.editsAfter(record, rows),
      }));
  }

  /* What a page showed before it was joined with another: kept here until the task is handed in. */
  keepCopy(copy) {
    if (!this.base) return;
    this.write((drafts) => {
      drafts.get(this.copiesKey).onsuccess = ({ target }) => {
        const copies = [copy, ...(target.result?.copies ?? [])].slice(0, MOST_COPIES);
        drafts.put({ key: this.copiesKey, copies });
      };
    });
  }

  async copies() {
    if (!this.base) return [];
    const found = await result(this.base.transaction("drafts").objectStore("drafts").get(this.copiesKey));
    return found?.copies ?? [];
  }

  /* The task is handed in: this device keeps nothing of it. */
  async forgetAll() {
    await this.forget();
    await this.forget(this.copiesKey);
  }

  forget(key = this.key) {
    this.forgetLeaving(key);
    if (!this.base) return Promise.resolve();
    return this.write((drafts, edits) => {
      drafts.delete(key);
      forEachOf(edits, key, (cursor) => cursor.delete());
    });
  }

  write(work) {
    return new Promise((resolve) => {
      try {
        const transaction = this.base.transaction(["drafts", "edits"], "readwrite");
        work(transaction.objectStore("drafts"), transaction.objectStore("edits"));
        transaction.oncomplete = () => {
          this.savedAt = new Date();
          this.problem = "";
          this.onChange();
          resolve(true);
        };
        transaction.onabort = () => {
          this.failed(transaction.error);
          resolve(false);
        };
      } catch (error) {
        this.failed(error);
        resolve(false);
      }
    });
  }

  failed(error) {
    this.stale = true;
    this.problem = error?.name === "QuotaExceededError" ? "this device has no room left" : "this browser keeps nothing";
    this.onChange();
  }
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function openBase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("drafts", { keyPath: "key" });
      request.result.createObjectStore("edits", { autoIncrement: true }).createIndex("draft", "draft");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function forEachOf(edits, key, work) {
  edits.index("draft").openCursor(IDBKeyRange.only(key)).onsuccess = ({ target }) => {
    if (!target.result) return;
    work(target.result);
    target.result.continue();
  };
}
