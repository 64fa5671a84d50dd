/* Where each point is answered, which premise is mistaken, and what claims rest on. Marks move with the text. */
import { coverageOf } from "./ranges.js";

export function wireMarks(desk) {
  wireCoverage(desk);
  wireSources(desk);
  wireQuotes(desk);
  desk.on("change", ({ field, changes }) => move(desk, field, changes));
}

function move(desk, field, changes) {
  for (const name of ["coverage", "sources"]) {
    const rows = desk.draft.extras[name] ?? [];
    if (!rows.some((row) => (row.field ?? "response") === field && row.start !== undefined)) continue;
    const moved = rows.map((row) => {
      if ((row.field ?? "response") !== field || row.start === undefined || row.end > changes.length) return row;
      return { ...row, start: changes.mapPos(row.start, 1), end: Math.max(changes.mapPos(row.end, -1), changes.mapPos(row.start, 1)) };
    });
    desk.draft.setExtra(name, moved);
  }
}

/* ---- Coverage ---- */

const PREMISE = "false_premise";

function wireCoverage(desk) {
  for (const row of desk.root.querySelectorAll("[data-requirement]")) {
    const tools = row.querySelector("[data-coverage]");
    if (!tools) continue;
    tools.hidden = false;
    drawAsk(desk, row, tools);
  }
  desk.on("extras", () => {
    for (const row of desk.root.querySelectorAll("[data-requirement]")) {
      const tools = row.querySelector("[data-coverage]");
      if (tools && !tools.contains(document.activeElement)) drawAsk(desk, row, tools);
    }
    unmarked(desk);
  });
  premise(desk);
  unmarked(desk);
}

/* Beside the button, so that nobody hands in without having seen it; it holds nothing up. */
function unmarked(desk) {
  const line = document.querySelector("[data-unmarked]");
  const asked = desk.data.requirements.map(({ id }) => id);
  const marked = new Set((desk.draft.extras.coverage ?? []).map(({ requirement }) => requirement));
  const left = asked.filter((id) => !marked.has(id)).length;
  line.hidden = left === 0;
  line.textContent = `${leftInWords(asked.length, left)} Mark where it is answered, or say why not; reviewers see both.`;
}

function leftInWords(asked, left) {
  if (asked === 1) return "What is asked for is not marked yet.";
  if (left === asked) return `None of the ${asked} points asked for is marked yet.`;
  return `Of ${asked} points asked for, ${left} ${left === 1 ? "is" : "are"} not marked yet.`;
}

function drawAsk(desk, row, tools) {
  const id = row.dataset.requirement;
  const mark = (desk.draft.extras.coverage ?? []).find(({ requirement }) => requirement === id);
  row.classList.toggle("answered", Boolean(mark && mark.why_not === undefined));
  row.classList.toggle("excused", Boolean(mark?.why_not !== undefined));
  tools.replaceChildren();
  if (mark?.why_not !== undefined) tools.append(whyNot(desk, id, mark.why_not));
  else if (mark) {
    tools.append(
      words("muted", `Answered: “${coverageOf(desk, mark)}”`),
      press("Show", () => desk.surfaces.get(mark.field ?? "response")?.select(mark.start, mark.end)),
    );
  }
  tools.append(press(mark && mark.why_not === undefined ? "Mark again" : "Mark where", () => markHere(desk, id, row, tools), "Select the passage first, then press this"));
  if (!mark && id !== PREMISE) tools.append(press("Not answered, because…", () => setMark(desk, id, { why_not: "" }, row, tools)));
  else tools.append(press("Clear", () => setMark(desk, id, null, row, tools)));
}

function markHere(desk, id, row, tools) {
  const { from, to } = desk.surface.selection();
  if (from === to) {
    tools.append(words("error-text", "Select the passage in your text first."));
    return;
  }
  const quote = desk.surface.doc.sliceString(from, to).slice(0, 500);
  setMark(desk, id, { field: desk.last, start: from, end: to, quote }, row, tools);
}

function setMark(desk, id, mark, row, tools) {
  const others = (desk.draft.extras.coverage ?? []).filter(({ requirement }) => requirement !== id);
  desk.setExtra("coverage", mark ? [...others, { requirement: id, ...mark }] : others);
  drawAsk(desk, row, tools);
  unmarked(desk);
  // What was pressed is gone; whoever works by keyboard goes on from here.
  tools.querySelector(mark?.why_not === "" ? "input" : "button")?.focus({ preventScroll: true });
}

function whyNot(desk, id, value) {
  const input = document.createElement("input");
  input.className = "input";
  input.value = value;
  input.placeholder = "Why this is not answered";
  input.setAttribute("aria-label", "Why this is not answered");
  input.addEventListener("change", () => {
    const others = (desk.draft.extras.coverage ?? []).filter(({ requirement }) => requirement !== id);
    desk.setExtra("coverage", [...others, { requirement: id, why_not: input.value }]);
  });
  return input;
}

/* A premise that nobody listed: the author says so, and it becomes a mark like the others. */
function premise(desk) {
  const place = desk.root.querySelector("[data-false-premise]");
  if (!place || desk.root.querySelector('[data-kind="false_premise"]')) return;
  place.hidden = false;
  place.className = "ask premise";
  place.dataset.requirement = PREMISE;
  const tools = document.createElement("div");
  tools.className = "ask-tools";
  tools.dataset.coverage = "";
  place.append(words("ask-words", "Does the instruction take something for granted that is wrong? Then mark where you correct it."), tools);
  drawAsk(desk, place, tools);
}

/* ---- Sources ---- */

const LONGEST_QUOTATION = 4000;

function wireSources(desk) {
  const section = document.querySelector("[data-sources]");
  const dialog = document.getElementById("source-dialog");
  const form = dialog.querySelector("[data-source-form]");
  section.hidden = false;
  let claim = null;
  let evidence = null;
  section.querySelector("[data-source-add]").addEventListener("click", () => {
    const { from, to } = desk.surface.selection();
    claim = { field: desk.last, start: from, end: to, quote: desk.surface.doc.sliceString(from, to).slice(0, 500) };
    evidence = null;
    open(form, dialog, {}, claim.quote);
  });
  form.addEventListener("input", () => judgeQuotation(form, evidence));
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "keep") return;
    if (evidence) return insertQuote(desk, evidence, form.elements.quotation.value.trim());
    const entry = Object.fromEntries(["citation", "link", "quotation"].map((name) => [name, form.elements[name].value.trim()]));
    if (entry.citation || entry.link) addSource(desk, { ...entry, ...claim }, form.elements.footnote.checked);
  });
  desk.on("extras", () => drawSources(desk, section));
  desk.quoteFrom = (text) => {
    evidence = text;
    open(form, dialog, { ...sourceOf(text), quotation: text.innerText.trim() }, "", text);
    form.elements.quotation.focus();
    form.elements.quotation.select();
    judgeQuotation(form, evidence);
  };
  drawSources(desk, section);
}

function open(form, dialog, given, quote, evidence = null) {
  form.reset();
  dialog.querySelector("h2").textContent = evidence ? "Quote from the evidence" : "Source";
  form.querySelector("[data-source-keep]").textContent = evidence ? "Quote these words" : "Keep source";
  for (const part of form.querySelectorAll("[data-source-kept]")) part.hidden = Boolean(evidence);
  form.querySelector("[data-source-quotes]").hidden = !evidence;
  form.elements.quotation.toggleAttribute("required", Boolean(evidence));
  if (evidence) form.elements.quotation.removeAttribute("maxlength");
  else form.elements.quotation.maxLength = LONGEST_QUOTATION;
  for (const [name, value] of Object.entries(given)) form.elements[name].value = value;
  const claim = quote ? `For: “${quote.slice(0, 160)}”` : "For the text as a whole. Select a claim first to tie the source to it.";
  form.querySelector("[data-source-claim]").textContent = evidence ? "" : claim;
  dialog.returnValue = "";
  dialog.showModal();
}

/* What is quoted stands in the evidence, word for word. */
function judgeQuotation(form, evidence) {
  const { quotation } = form.elements;
  const stands = !evidence || squeezed(evidence.innerText).includes(squeezed(quotation.value));
  quotation.setCustomValidity(stands ? "" : "These words do not stand so in the evidence. Delete what you do not quote, and leave the rest as it is.");
}

const squeezed = (text) => text.replace(/\s+/g, " ").trim();

function addSource(desk, entry, footnote) {
  const sources = desk.draft.extras.sources ?? [];
  const number = Math.max(0, ...sources.map(({ id }) => Number(String(id).slice(1)) || 0)) + 1;
  desk.setExtra("sources", [...sources, { id: `s${number}`, ...entry }]);
  if (footnote) {
    const surface = desk.surfaces.get(entry.field);
    const mark = nextFootnote(surface.doc.toString());
    const words = [entry.citation, entry.link && `<${entry.link}>`].filter(Boolean).join(", ");
    const end = surface.doc.length;
    surface.change({
      changes: [
        { from: entry.end, insert: `[^${mark}]` },
        { from: end, insert: `${surface.doc.sliceString(Math.max(end - 1, 0)) === "\n" || end === 0 ? "" : "\n"}\n[^${mark}]: ${words}` },
      ],
      kind: "quoted",
      event: "input.quote",
    });
  }
  desk.tell("extras");
}

/* Footnotes are counted in the text: not every source has one. */
const nextFootnote = (text) => 1 + Math.max(0, ...[...text.matchAll(/\[\^(\d+)\]/g)].map(([, number]) => Number(number)));

function drawSources(desk, section) {
  const list = section.querySelector("[data-source-list]");
  const sources = desk.draft.extras.sources ?? [];
  list.replaceChildren(
    ...sources.map((source) => {
      const row = document.createElement("li");
      row.append(words("", [source.citation, source.link].filter(Boolean).join(" · ")));
      if (source.quote) row.append(words("muted", ` for “${source.quote.slice(0, 80)}”`));
      row.append(" ", press("Remove", () => {
        desk.setExtra("sources", (desk.draft.extras.sources ?? []).filter(({ id }) => id !== source.id));
        drawSources(desk, section);
        section.querySelector("[data-source-add]").focus();
      }));
      return row;
    }),
  );
}

/* ---- Quoting from the evidence: its own button, and no suspicion ---- */

function wireQuotes(desk) {
  for (const text of desk.root.querySelectorAll("[data-quotable]")) {
    const button = press("Quote the selection", () => quote(desk, text), "Select a passage of this evidence first. With nothing selected, its words are offered in a box.");
    text.after(button);
    button.addEventListener("mousedown", (event) => event.preventDefault());
  }
}

function quote(desk, text) {
  const selection = getSelection();
  const words = selection && text.contains(selection.anchorNode) ? selection.toString().trim() : "";
  if (words) insertQuote(desk, text, words);
  else desk.quoteFrom(text);
}

const sourceOf = (text) => {
  const { title, link } = text.closest("[data-evidence]").dataset;
  return { citation: title, link };
};

function insertQuote(desk, text, words) {
  const surface = desk.surface;
  const { to } = surface.selection();
  const line = surface.doc.lineAt(to);
  const lead = line.length ? "\n\n" : "";
  const insert = `${lead}${words.split("\n").map((part) => `> ${part}`).join("\n")}\n\n`;
  surface.change({ changes: { from: to, insert }, kind: "quoted", selection: { anchor: to + insert.length }, event: "input.quote" });
  surface.focus();
  const start = to + lead.length;
  const entry = { ...sourceOf(text), quotation: words.slice(0, LONGEST_QUOTATION), field: desk.last, start, end: start + insert.trim().length, quote: words.slice(0, 500) };
  addSource(desk, entry, false);
}

function press(label, work, title = "") {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet small";
  button.textContent = label;
  button.title = title;
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", work);
  return button;
}

function words(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}
