/* What the checks say about the saved text, beside it. Errors block handing in, warnings take a reason. */
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";
import { redactButton } from "./redact.js";
import { call } from "./server.js";

const AFTER = 1500;
const setFound = StateEffect.define();
const underlined = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    const found = transaction.effects.find((effect) => effect.is(setFound));
    return found ? found.value : marks.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/* Why a warning stands is a part of the draft: a refusal, a reload or another device has it still. */
const reasonsOf = (desk) => desk.draft.extras.reasons ?? {};
export const reasonsGiven = (desk) => Object.entries(reasonsOf(desk)).filter(([, reason]) => reason.trim());

function setReason(desk, check, reason) {
  const { [check]: before, ...others } = reasonsOf(desk);
  desk.setExtra("reasons", reason === null ? others : { ...others, [check]: reason });
}

export function wireChecks(desk) {
  let timer;
  let turn = 0;
  const ask = async () => {
    const own = ++turn;
    const answer = await call(`${desk.url}findings/`, { form: new FormData() });
    if (own === turn && answer.outcome === "ok") show(desk, answer.data);
  };
  desk.on("saved", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, AFTER);
  });
  desk.on("refused", (refusal) => {
    if (refusal.findings) show(desk, { findings: refusal.findings, unfinished: "" }, true);
    if (desk.surfaces.has(refusal.field)) {
      desk.tell("unfinished", refusal);
      desk.surfaces.get(refusal.field).focus();
      return desk.root.querySelector(`[data-box="${CSS.escape(refusal.field)}"]`).scrollIntoView({ block: "center" });
    }
    document.querySelector("[data-findings]").scrollIntoView({ block: "nearest" });
  });
}

/* Whoever is giving a reason keeps the list as it is, unless they have handed in (`answered`): then they keep their place in it. */
function show(desk, { findings, unfinished, field }, answered = false) {
  /* Of a box that was changed since nothing is known; where nothing is wrong, what was said is taken back. */
  desk.tell("unfinished", { field: field && isAsSaved(desk, field) ? field : "", message: unfinished });
  desk.tell("found", findings);
  const panel = document.querySelector("[data-findings]");
  const list = panel.querySelector("[data-findings-list]");
  panel.hidden = findings.length === 0 && !unfinished;
  const held = list.contains(document.activeElement) ? placeIn(document.activeElement) : null;
  if (held && !answered) return;
  const items = document.createElement("ul");
  items.className = "findings";
  if (unfinished) items.append(item(desk, { severity: "info", word: "Not complete yet: ", message: unfinished, advice: "" }));
  const asked = new Set();
  for (const finding of findings) {
    items.append(item(desk, finding, !asked.has(finding.check)));
    asked.add(finding.check);
  }
  list.replaceChildren(items);
  if (held) goBackTo(list, held);
  underline(desk, findings);
}

const placeIn = (element) => ({ name: element.dataset.reason ?? "", type: element.type, at: element.selectionStart });

function goBackTo(list, { name, type, at }) {
  const input = [...list.querySelectorAll("[data-reason]")].find((one) => one.dataset.reason === name && one.type === type);
  if (!input) return;
  input.focus({ preventScroll: true });
  if (type === "text") input.setSelectionRange(at, at);
}

const WORDS = { error: "Error: ", warning: "Warning: ", info: "Note: " };

function item(desk, finding, first = true) {
  const row = document.createElement("li");
  row.className = `finding ${finding.severity} plain-finding`;
  const words = document.createElement("span");
  words.append(strong(finding.word ?? WORDS[finding.severity]), `${finding.message} ${finding.advice ?? ""}`);
  row.append(words);
  const place = placeOf(desk, finding);
  if (place && !isWhole(desk, place)) {
    const jump = document.createElement("button");
    jump.type = "button";
    jump.className = "button small";
    jump.textContent = "Show";
    jump.addEventListener("click", () => {
      const now = placeOf(desk, finding) ?? place;
      desk.surfaces.get(now.field)?.select(now.from, now.to);
    });
    row.append(jump);
    if (finding.replacement && isAsSaved(desk, place.field)) row.append(redactButton(desk, finding, place));
  }
  if (finding.severity === "warning" && first) row.append(answer(desk, finding));
  return row;
}

/* A tick and a few words: why the warning stands. */
function answer(desk, finding) {
  const { check } = finding;
  const given = reasonsOf(desk)[check];
  const label = document.createElement("label");
  label.className = "check small";
  const tick = document.createElement("input");
  tick.type = "checkbox";
  tick.dataset.reason = check;
  tick.checked = given !== undefined;
  const words = document.createElement("input");
  words.type = "text";
  words.className = "input";
  words.dataset.reason = check;
  words.placeholder = "Why it stands, in a few words";
  words.setAttribute("aria-label", `Why this stands: ${finding.message}`.slice(0, 120));
  words.value = given ?? "";
  words.hidden = !tick.checked;
  tick.addEventListener("change", () => {
    words.hidden = !tick.checked;
    setReason(desk, check, tick.checked ? words.value : null);
    if (tick.checked) words.focus();
  });
  words.addEventListener("input", () => setReason(desk, check, words.value));
  label.append(tick, "It stands as it is");
  const box = document.createElement("div");
  box.className = "finding-answer";
  box.append(label, words);
  return box;
}

/* Checks count code points, editors UTF-16 units. */
function placeOf(desk, { field, where }) {
  if (!field || !desk.surfaces.has(field)) return null;
  const points = [...desk.draft.text(field)];
  const units = (count) => points.slice(0, count).join("").length;
  return { field, from: units(where.start), to: units(where.end ?? where.start) };
}

/* What is said of all of it has no place to show. */
function isWhole(desk, { field, from, to }) {
  const text = desk.draft.text(field);
  return text.slice(0, from).trim() === "" && text.slice(to).trim() === "";
}

/* Whether a box holds what the server looked at; else its places are not the box's. The next answer is under way then. */
function isAsSaved(desk, field) {
  return desk.draft.base.docs.get(field)?.eq(desk.draft.doc(field)) ?? false;
}

function underline(desk, findings) {
  for (const [field, { view }] of desk.surfaces) {
    if (!view) continue;
    if (!view.state.field(underlined, false)) view.dispatch({ effects: StateEffect.appendConfig.of(underlined) });
    const marks = findings
      .filter((finding) => finding.field === field)
      .map((finding) => ({ ...placeOf(desk, finding), severity: finding.severity }))
      .filter((place) => place.to > place.from && place.to <= view.state.doc.length && !isWhole(desk, { field, ...place }))
      .map(({ from, to, severity }) => Decoration.mark({ class: `cm-found ${severity}` }).range(from, to));
    view.dispatch({ effects: setFound.of(Decoration.set(marks, true)) });
  }
}

function strong(text) {
  const element = document.createElement("strong");
  element.textContent = text;
  return element;
}
