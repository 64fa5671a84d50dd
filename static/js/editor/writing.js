/* The writing page: puts editor, journal, server and the parts around the text together. */
import { keymap } from "@codemirror/view";
import { wireChecks } from "./checks.js";
import { COMMANDS, SHORTCUTS } from "./commands.js";
import { banner, dropBanner } from "./banners.js";
import { readChoice } from "./choices.js";
import { Draft, difference, docOf, revive } from "./draft.js";
import { Journal } from "./journal.js";
import { call } from "./server.js";
import { wireLease } from "./lease.js";
import { wireMarks } from "./marks.js";
import { wirePage } from "./page.js";
import { wirePastes } from "./pastes.js";
import { wirePreview, toolbar } from "./preview.js";
import { wireSignIn } from "./signin.js";
import { wireSaid } from "./said.js";
import { wireStatus } from "./status.js";
import { wireSuggestions } from "./suggestions.js";
import { editorSurface, plainSurface } from "./surface.js";
import { wireSubmit } from "./submit.js";
import { Sync } from "./sync.js";
import { wireTabs, alive, holdSession } from "./tabs.js";
import { wireVersions } from "./versions.js";
import { asset } from "../shell/assets.js";

export async function startWriting(data) {
  const desk = new Desk(data);
  desk.build();
  await desk.connect();
}

/* What the parts share: the draft, its surfaces, the way to the server. */
export class Desk {
  constructor(data) {
    this.data = data;
    this.root = document.querySelector("[data-writing]");
    this.form = document.querySelector("[data-submit-form]");
    this.url = `/write/${data.task}/`;
    this.surfaces = new Map();
    this.plain = readChoice("plain-box") === "yes";
    this.listeners = { change: [], saved: [], extras: [], joined: [], refused: [], unfinished: [], found: [] };
    this.draft = new Draft({ version: data.version, fields: data.fields, extras: data.extras, session: "" });
    this.last = data.editor[0]?.field;
  }

  on(what, listener) {
    this.listeners[what].push(listener);
  }

  tell(what, detail) {
    for (const listener of this.listeners[what]) listener(detail);
  }

  /* At once, before the journal and the server are asked: the box must take the first key. */
  build() {
    for (const part of this.data.editor) {
      const box = this.root.querySelector(`[data-box="${CSS.escape(part.field)}"]`);
      if (box) this.mount(part, box);
    }
    this.form.querySelector("[name=version]").remove();
    wirePage(this);
    if (this.data.kind !== "text") import(asset("targets")).then(({ wireTarget }) => wireTarget(this));
    wirePreview(this);
    wireMarks(this);
    wirePastes(this);
    wireSuggestions(this);
    this.surfaces.get(this.last)?.focus();
  }

  mount(part, box) {
    const frame = box.querySelector("[data-box-frame]");
    const label = box.querySelector("[data-box-label]");
    frame.replaceChildren();
    frame.dataset.kind = part.kind;
    if (part.kind === "markdown") frame.append(toolbar(this, part.field));
    if (label?.tagName === "LABEL") {
      const heading = document.createElement("p");
      heading.className = label.className;
      heading.setAttribute("aria-hidden", "true");
      heading.textContent = label.textContent;
      label.replaceWith(heading);
    }
    const make = this.plain ? plainSurface : editorSurface;
    const surface = make({
      parent: frame,
      doc: this.draft.doc(part.field),
      label: part.label,
      language: this.data.language,
      kind: part.kind,
      extensions: [keymap.of(this.shortcuts())],
      onChange: (changes, kind) => this.changed(part.field, changes, kind),
    });
    box.addEventListener("focusin", () => (this.last = part.field));
    this.surfaces.set(part.field, surface);
    this.tell("extras");
  }

  unmount(field) {
    this.surfaces.get(field)?.destroy();
    this.surfaces.delete(field);
    this.root.querySelector(`[data-box="${CSS.escape(field)}"]`)?.remove();
  }

  shortcuts() {
    const own = Object.entries(SHORTCUTS).map(([key, command]) => ({
      key: `Mod-${key}`,
      run: () => {
        COMMANDS[command](this.surface);
        return true;
      },
    }));
    const more = [["Mod-Shift-7", "numbers"], ["Mod-Shift-8", "list"]].map(([key, command]) => ({
      key,
      run: () => (COMMANDS[command](this.surface), true),
    }));
    /* Handled by the page, so that the editor does not put a line break instead. */
    const left = ["Mod-Enter", "Mod-s"].map((key) => ({ key, run: () => true }));
    return [...own, ...more, ...left];
  }

  switchBoxes(plain) {
    this.plain = plain;
    for (const part of this.data.editor) {
      const box = this.root.querySelector(`[data-box="${CSS.escape(part.field)}"]`);
      this.surfaces.get(part.field)?.destroy();
      if (box) this.mount(part, box);
    }
  }

  /* A version worth finding again: marked in the log and saved now. */
  keepVersion() {
    this.draft.mark("kept");
    return this.sync.flush();
  }

  /* One change that makes a box hold `text`. */
  replaceText(field, text, kind, event = "input") {
    const surface = this.surfaces.get(field);
    const changes = difference(surface.doc, docOf(text));
    if (!changes.empty) surface.change({ changes, kind, event });
  }

  get surface() {
    return this.surfaces.get(this.last);
  }

  changed(field, changes, kind) {
    this.draft.record(field, changes, kind);
    this.sync?.poke();
    this.tell("change", { field, changes, kind });
  }

  setExtra(name, value) {
    this.draft.setExtra(name, value);
    this.sync?.poke();
    this.journal?.checkpoint(this.draft);
  }

  /* What came from the server, the device or another tab is shown; the cursor stays where it was. */
  show(changes) {
    for (const [field, set] of changes) {
      if (set.empty) continue;
      this.surfaces.get(field)?.change({ changes: set, remote: true });
      this.tell("change", { field, changes: set, kind: "remote" });
    }
    this.tell("extras");
  }

  async connect() {
    const { person, task } = this.data;
    this.session = await holdSession(task);
    this.draft.session = this.session;
    this.journal = await Journal.open(person, task, this.session);
    this.sync = new Sync({ paused: true, url: `${this.url}draft/`, person, draft: this.draft, journal: this.journal });
    this.sync.savedAt = this.data.savedAt ? new Date(this.data.savedAt) : null;
    this.draft.onEdit = (edit) => this.journal.append(edit);
    this.sync.onJoined = (joined) => this.joined(joined);
    this.sync.onSaved = (answer) => this.tell("saved", answer);
    wireStatus(this);
    wireLease(this);
    wireSignIn(this);
    wireSubmit(this);
    wireChecks(this);
    wireVersions(this);
    wireSaid(this);
    await this.pickUp();
    this.sync.paused = false;
    await this.journal.checkpoint(this.draft);
    wireTabs(this);
    this.draft.mark("opened");
    if (this.draft.hasWork) this.sync.schedule(0);
    else this.sync.become("saved");
    this.wireLeaving();
    this.tell("saved", {});
  }

  /* Drafts that a killed browser, a closed tab or a lost line left on this device. */
  async pickUp() {
    for (const left of await this.journal.left().catch(() => [])) {
      if (await alive(left.session, this.data.task)) continue;
      await this.adopt(left);
    }
  }

  async adopt(left) {
    const found = revive(left);
    if (found.hasWork) {
      if (found.base.version < this.draft.base.version) this.journal.keepCopy({ at: left.at, fields: found.fields() });
      /* A batch that was under way when the page went: the same again. The server takes it once. */
      const answer = found.inflight && (await call(this.sync.url, { json: found.inflight.batch }));
      if (answer?.outcome === "ok") {
        found.acknowledge(answer.data.version);
        const fresh = await call(this.sync.url);
        if (fresh.outcome === "ok") this.show(this.draft.rebase(fresh.data));
      } else if (answer?.data?.code === "draft_is_stale") this.show(this.draft.rebase(answer.data));
      this.show(this.draft.adopt(found));
    }
    await this.journal.checkpoint(this.draft);
    await this.journal.forget(left.key);
  }

  joined({ changes, mine, hadWork }) {
    this.show(changes);
    if (hadWork && changes.size) {
      this.tell("joined", mine);
      banner("joined", {
        kind: "warning",
        title: "Changed in two places",
        text: "This task was also changed in another tab or on another device. Both texts are joined here, nothing is left out. Please read it once; every version is kept under “Versions”.",
        action: ["Versions", () => document.querySelector("[data-versions-open]").click()],
      });
    } else if (changes.size) {
      banner("followed", { text: "Brought up to date with what you wrote in another tab or on another device." });
      setTimeout(() => dropBanner("followed"), 12_000);
    }
  }

  wireLeaving() {
    const leave = () => {
      if (this.draft.hasText) this.draft.mark("away");
      this.sync.sendLeaving();
    };
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") return leave();
      if (this.draft.hasText) this.draft.mark("back");
      this.sync.refresh();
    });
    addEventListener("pagehide", () => this.sync.sendLeaving());
    addEventListener("online", () => this.sync.retry());
    addEventListener("focus", () => this.sync.refresh());
    setInterval(() => document.visibilityState === "visible" && this.sync.refresh(), 20_000);
  }
}
