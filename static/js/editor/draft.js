/* The draft as this page knows it: what the server has (`base`), what is on its way (`inflight`), what is not yet sent
 * (`pending`). It knows nothing of the screen, the network or the store. */
import { ChangeSet, Text } from "@codemirror/state";
import { crc32 } from "./crc.js";

const MERGE_WITHIN = 1000; // ms between two keystrokes of one run
const LONGEST_RUN = 40; // characters
const MERGED = new Set(["typed", "composed", "deleted"]);
const LARGEST_BATCH = 400_000; // characters of JSON
const LONGEST = 6_000_000; // tenths of a second that a gap may claim

export const docOf = (text) => Text.of(text.split("\n"));

const tenths = (milliseconds) => Math.min(Math.max(Math.round(milliseconds / 100), 0), LONGEST);

export class Draft {
  constructor({ version, fields, extras, session }) {
    this.session = session;
    this.docs = docsOf(fields);
    this.base = { version, docs: new Map(this.docs) };
    this.extras = extras;
    this.extrasDirty = new Set();
    this.inflight = null;
    this.pending = [];
    this.lastEnd = performance.now();
    this.onEdit = () => {};
  }

  doc(field) {
    return this.docs.get(field) ?? Text.empty;
  }

  text(field) {
    return this.doc(field).toString();
  }

  fields() {
    return Object.fromEntries([...this.docs].map(([field, doc]) => [field, doc.toString()]));
  }

  get settled() {
    return !this.inflight && this.pending.length === 0 && this.extrasDirty.size === 0;
  }

  /* Whether anything waits that is more than a mark of time. */
  get hasWork() {
    return Boolean(this.inflight || this.extrasDirty.size || this.pending.some((edit) => edit.changes));
  }

  get hasText() {
    return [...this.docs.values()].some((doc) => doc.length);
  }

  /* One change by the writer. */
  record(field, changes, kind) {
    const now = performance.now();
    this.docs.set(field, changes.apply(this.doc(field)));
    const last = this.pending.at(-1);
    const place = onePlace(changes);
    if (last && mergeable(last, field, kind, place, now)) {
      last.changes = last.changes.compose(changes);
      last.duration = tenths(now - last.start);
      last.length += place.inserted;
      last.place = place;
      last.end = now;
    } else {
      this.pending.push({
        field, kind, changes, place,
        gap: tenths(now - this.lastEnd), duration: 0, start: now, end: now,
        length: place?.inserted ?? Infinity,
      });
    }
    this.lastEnd = now;
    this.onEdit([field, kind, changes.toJSON()]);
  }

  /* A mark of time alone: opened, away, back, kept. */
  mark(kind) {
    const now = performance.now();
    this.pending.push({ field: "", kind, changes: null, gap: tenths(now - this.lastEnd), duration: 0 });
    this.lastEnd = now;
  }

  setExtra(name, value) {
    this.extras = { ...this.extras, [name]: value };
    this.extrasDirty.add(name);
  }

  /* The next batch for the server, or the one already under way; null when all is there. */
  take() {
    if (this.inflight) return this.inflight;
    if (this.settled) return null;
    const docs = new Map(this.base.docs);
    const edits = [];
    const touched = new Set();
    for (let size = 0; this.pending.length && size < LARGEST_BATCH; ) {
      const edit = this.pending.shift();
      if (edit.changes) {
        docs.set(edit.field, edit.changes.apply(docs.get(edit.field) ?? Text.empty));
        touched.add(edit.field);
      }
      edits.push([edit.field, edit.gap, edit.duration, edit.kind, edit.changes?.toJSON() ?? null]);
      /* A version that is kept on purpose ends its batch: so it can be found again as it was. */
      if (edit.kind === "kept") break;
      size += edit.changes ? JSON.stringify(edits.at(-1)).length : 30;
    }
    const check = Object.fromEntries([...touched].map((field) => [field, crc32(docs.get(field).toString())]));
    const batch = { sequence: this.base.version + 1, session: this.session, edits, check };
    if (this.extrasDirty.size) batch.extras = this.extras;
    this.inflight = { batch, docs, extras: new Set(this.extrasDirty) };
    this.extrasDirty.clear();
    return this.inflight;
  }

  acknowledge(version) {
    this.base = { version, docs: this.inflight.docs };
    this.inflight = null;
  }

  /* The server has something else than we thought. Ours is carried over onto it, nothing is dropped on either side.
   * Returns the changes that bring what the page shows up to date, by field. */
  rebase({ version, fields, extras }) {
    const server = docsOf(fields);
    if (this.inflight) {
      this.pending = [...this.inflight.batch.edits.map(parse(new Map(this.base.docs))), ...this.pending];
      for (const name of this.inflight.extras) this.extrasDirty.add(name);
      this.inflight = null;
    }
    const theirs = new Map();
    for (const field of new Set([...server.keys(), ...this.base.docs.keys()])) {
      const changes = difference(this.base.docs.get(field) ?? Text.empty, server.get(field) ?? Text.empty);
      if (!changes.empty) theirs.set(field, changes);
    }
    for (const edit of this.pending) {
      const other = edit.changes && theirs.get(edit.field);
      if (!other) continue;
      const mine = edit.changes;
      edit.changes = mine.map(other);
      edit.place = null;
      theirs.set(edit.field, other.map(mine, true));
    }
    for (const [field, changes] of theirs) this.docs.set(field, changes.apply(this.doc(field)));
    const own = Object.fromEntries([...this.extrasDirty].map((name) => [name, this.extras[name]]));
    this.extras = { ...extras, ...own };
    this.base = { version, docs: server };
    return theirs;
  }

  /* Edits that cannot be sent as they are become one: the difference to what the server has. */
  startOver({ version, fields }) {
    const server = docsOf(fields);
    this.base = { version, docs: server };
    this.inflight = null;
    this.pending = [];
    for (const [field, doc] of this.docs) {
      const before = server.get(field) ?? Text.empty;
      const changes = difference(before, doc);
      if (!changes.empty) this.pending.push({ field, kind: "other", changes, gap: 0, duration: 0 });
    }
  }

  /* Takes over what another page of this device had not sent. Returns what to show, by field. */
  adopt(found) {
    found.rebase({ version: this.base.version, fields: this.fields(), extras: this.extras });
    const shown = new Map();
    for (const edit of found.pending) {
      this.pending.push(edit);
      if (!edit.changes) continue;
      const before = shown.get(edit.field);
      shown.set(edit.field, before ? before.compose(edit.changes) : edit.changes);
      this.docs.set(edit.field, edit.changes.apply(this.doc(edit.field)));
    }
    this.extras = found.extras;
    for (const name of found.extrasDirty) this.extrasDirty.add(name);
    return shown;
  }

  /* What the device journal keeps at a checkpoint; `revive` reads it again. */
  snapshot() {
    return {
      base: { version: this.base.version, fields: textsOf(this.base.docs) },
      inflight: this.inflight?.batch ?? null,
      pending: this.pending.map((edit) => [edit.field, edit.gap, edit.duration, edit.kind, edit.changes?.toJSON() ?? null]),
      extras: this.extras,
      extrasDirty: [...this.extrasDirty, ...(this.inflight?.extras ?? [])],
    };
  }
}

/* A draft as a journal left it: the snapshot and the single edits made after it. */
export function revive({ snapshot, edits, leaving = null, session = "" }) {
  const { base, pending, extras, extrasDirty } = snapshot;
  const unnoted = !snapshot.inflight && leaving?.sequence === base.version + 1 ? leaving : null;
  const inflight = snapshot.inflight ?? unnoted;
  const draft = new Draft({ version: base.version, fields: base.fields, extras, session });
  draft.extrasDirty = new Set(extrasDirty);
  const docs = new Map(draft.base.docs);
  const read = parse(docs);
  inflight?.edits.forEach(read);
  if (inflight) draft.inflight = { batch: inflight, docs: new Map(docs), extras: new Set(inflight.extras ? extrasDirty : []) };
  const later = edits.map(([field, kind, changes]) => [field, 0, 0, kind, changes]);
  if (unnoted) draft.pending = remainder(base.fields, draft.inflight.docs, [...pending, ...later]);
  else draft.pending = [...pending, ...later].map(read);
  for (const edit of unnoted ? draft.pending : []) docs.set(edit.field, edit.changes.apply(docs.get(edit.field) ?? Text.empty));
  draft.docs = docs;
  return draft;
}

/* The journal still counts the edits of a batch that was sent: what stands in the text beyond that batch. */
function remainder(fields, sent, rows) {
  const whole = docsOf(fields);
  rows.forEach(parse(whole));
  return [...whole]
    .map(([field, doc]) => ({ field, gap: 0, duration: 0, kind: "other", changes: difference(sent.get(field) ?? Text.empty, doc) }))
    .filter(({ changes }) => !changes.empty);
}

export function difference(before, after) {
  const old = before.toString();
  const now = after.toString();
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start++;
  let end = 0;
  while (end < shorter - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++;
  if (old.length === now.length && start === old.length) return ChangeSet.empty(old.length);
  const change = { from: start, to: old.length - end, insert: docOf(now.slice(start, now.length - end)) };
  return ChangeSet.of(change, old.length);
}

/* Reads edits from JSON while carrying out each on `docs`, which grow with them. */
function parse(docs) {
  return ([field, gap, duration, kind, json]) => {
    const changes = json && ChangeSet.fromJSON(json);
    if (changes) docs.set(field, changes.apply(docs.get(field) ?? Text.empty));
    return { field, gap, duration, kind, changes, start: 0, end: -Infinity, length: Infinity, place: null };
  };
}

const docsOf = (fields) => new Map(Object.entries(fields).map(([field, text]) => [field, docOf(text)]));
const textsOf = (docs) => Object.fromEntries([...docs].map(([field, doc]) => [field, doc.toString()]));

function onePlace(changes) {
  const places = [];
  changes.iterChangedRanges((fromA, toA, fromB, toB) => places.push({ fromA, toA, fromB, toB }), true);
  if (places.length !== 1) return null;
  const { fromA, toA, toB } = places[0];
  return { fromA, toA, toB, inserted: toB - places[0].fromB };
}

function mergeable(last, field, kind, place, now) {
  if (!place || !last.place || last.field !== field || last.kind !== kind || !MERGED.has(kind)) return false;
  if (now - last.end > MERGE_WITHIN || last.length + place.inserted > LONGEST_RUN) return false;
  return place.fromA === last.place.toB || place.toA === last.place.toB;
}
