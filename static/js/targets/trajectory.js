/* A trajectory: choose the file, step through it, say how it ended. */
import { call } from "../editor/server.js";
import { button } from "./boxes.js";

const OUTCOMES = [["successful", "Successful"], ["recovery", "Went wrong and recovered"], ["failed", "Failed"]];

export function wireTrajectory(desk) {
  const place = document.createElement("section");
  place.className = "panel";
  place.setAttribute("aria-label", "Trajectory");
  const box = desk.root.querySelector("[data-box]");
  box.before(place);
  box.querySelector(".box-label").classList.remove("visually-hidden");
  draw(desk, place);
  /* The file comes first; whoever has begun to write already is left where they are. */
  if (!about(desk).sha256 && box.contains(document.activeElement)) place.querySelector("#trajectory-file").focus();
  place.addEventListener("click", ({ target }) => {
    if (target.dataset.stepsFrom) turnTo(desk, place, target.dataset.stepsFrom);
    if (target.dataset.intervene) intervene(desk, place, Number(target.dataset.intervene));
  });
}

const about = (desk) => desk.draft.extras.trajectory ?? {};
const label = (desk, changes) => desk.setExtra("trajectory", { ...about(desk), ...changes });

function draw(desk, place) {
  place.replaceChildren(chooser(desk, place));
  if (!about(desk).sha256) return;
  const { name, format, steps: count, bytes, sha256, entry, entries } = about(desk);
  const facts = document.createElement("p");
  facts.className = "small muted";
  facts.textContent = `${name}: ${format}, ${count} steps, ${bytes.toLocaleString()} bytes, kept byte for byte (SHA-256 ${sha256.slice(0, 12)}…)`;
  const shown = document.createElement("div");
  shown.dataset.steps = "";
  shown.tabIndex = 0;
  shown.setAttribute("role", "region");
  shown.setAttribute("aria-label", "Steps of the run");
  if (entries > 1) place.append(which(desk, place, entry, entries));
  place.append(facts, past(place), shown, labels(desk), interventions(desk, place));
  steps(desk, place, 0);
}

/* With the keyboard each step has its stops; this leads past them. */
const past = (place) => button("Past the steps, to how it ended", () => place.querySelector("[name=outcome]").focus(), "button small seen-with-focus");

function chooser(desk, place) {
  const field = document.createElement("div");
  field.className = "field";
  const words = document.createElement("label");
  words.htmlFor = "trajectory-file";
  words.textContent = about(desk).sha256 ? "Another file in its place" : "File of the trajectory";
  const help = document.createElement("p");
  help.className = "help";
  help.textContent = "SWE-agent (.traj), OpenHands, tau-bench, BFCL or ToolTalk, up to 25 MB.";
  const input = document.createElement("input");
  input.type = "file";
  input.id = "trajectory-file";
  input.accept = ".traj,.json,.jsonl,.yaml,.yml";
  const problem = document.createElement("p");
  problem.className = "error-text";
  problem.setAttribute("role", "alert");
  input.addEventListener("change", async () => {
    problem.textContent = "";
    const form = new FormData();
    form.set("file", input.files[0]);
    problem.textContent = await take(desk, place, form);
  });
  field.append(words, help, input, problem);
  return field;
}

/* Has the server read the file, and shows it. Returns what is wrong with it, or nothing. */
async function take(desk, place, form) {
  const answer = await call(`${desk.url}trajectory/`, { form, patience: 600_000 });
  if (answer.outcome !== "ok") return answer.data ? `${answer.data.message} ${answer.data.advice ?? ""}` : "The server could not be reached. Try again in a moment.";
  label(desk, answer.data);
  await desk.sync.flush();
  draw(desk, place);
  place.querySelector("[data-steps]").focus();
  return "";
}

/* Which one, where the file holds several. */
function which(desk, place, entry, entries) {
  const field = document.createElement("div");
  field.className = "field";
  const words = document.createElement("label");
  words.htmlFor = "trajectory-entry";
  words.textContent = `The file holds ${entries.toLocaleString()} trajectories. Which one is it?`;
  const input = document.createElement("input");
  Object.assign(input, { type: "number", id: "trajectory-entry", min: 1, max: entries, value: entry });
  const problem = document.createElement("p");
  problem.className = "error-text";
  problem.setAttribute("role", "alert");
  input.addEventListener("change", async () => {
    const form = new FormData();
    form.set("entry", input.value);
    problem.textContent = await take(desk, place, form);
  });
  field.append(words, input, problem);
  return field;
}

function labels(desk) {
  const outcome = document.createElement("fieldset");
  outcome.className = "field";
  const legend = document.createElement("legend");
  legend.textContent = "How it ended";
  const choices = document.createElement("div");
  choices.className = "choices";
  for (const [value, words] of OUTCOMES) {
    const choice = document.createElement("label");
    const radio = document.createElement("input");
    Object.assign(radio, { type: "radio", name: "outcome", value, checked: about(desk).outcome === value });
    radio.addEventListener("change", () => label(desk, { outcome: value }));
    choice.append(radio, words);
    choices.append(choice);
  }
  outcome.append(legend, choices);
  const verifier = about(desk).verifier ?? {};
  const all = document.createElement("div");
  all.className = "stack tight";
  all.append(
    outcome,
    text("Terminal state", about(desk).terminal_state, (value) => label(desk, { terminal_state: value })),
    text("Verifier", verifier.name, (value) => label(desk, { verifier: { ...about(desk).verifier, name: value } })),
    text("What the verifier said", verifier.result, (value) => label(desk, { verifier: { ...about(desk).verifier, result: value } })),
  );
  return all;
}

function text(name, value, keep) {
  const field = document.createElement("div");
  field.className = "field";
  const words = document.createElement("label");
  const input = document.createElement("input");
  input.id = `label-${name.toLowerCase().replaceAll(" ", "-")}`;
  words.htmlFor = input.id;
  words.textContent = name;
  input.value = value ?? "";
  input.addEventListener("change", () => keep(input.value));
  field.append(words, input);
  return field;
}

function intervene(desk, place, step) {
  label(desk, { interventions: [...(about(desk).interventions ?? []), { step, what: "" }] });
  place.querySelector("[data-interventions]").replaceWith(interventions(desk, place));
  place.querySelector("[data-interventions] li:last-child input")?.focus();
}

function interventions(desk, place) {
  const all = about(desk).interventions ?? [];
  const part = document.createElement("fieldset");
  part.className = "field";
  part.dataset.interventions = "";
  const legend = document.createElement("legend");
  legend.textContent = "Where a person stepped in";
  const help = document.createElement("p");
  help.className = "help";
  help.textContent = "Nowhere so far. “Mark an intervention here” stands below each step.";
  help.hidden = all.length > 0;
  part.append(legend, help, listed(desk, place, all));
  return part;
}

function listed(desk, place, all) {
  const list = document.createElement("ol");
  list.className = "interventions";
  list.setAttribute("role", "list");
  all.forEach((entry, index) => {
    const item = document.createElement("li");
    const input = document.createElement("input");
    input.className = "input";
    input.value = entry.what;
    input.setAttribute("aria-label", `Intervention at step ${entry.step}`);
    input.placeholder = "Who stepped in, and what they did";
    input.addEventListener("change", () => label(desk, { interventions: about(desk).interventions.with(index, { ...entry, what: input.value }) }));
    item.append(`Step ${entry.step}`, input, button("Remove", () => {
      label(desk, { interventions: about(desk).interventions.toSpliced(index, 1) });
      place.querySelector("[data-interventions]").replaceWith(interventions(desk, place));
      place.querySelector("[data-steps]").focus();
    }));
    list.append(item);
  });
  return list;
}

/* The button that was pressed is gone with its page: the steps themselves take the focus, from their top. */
async function turnTo(desk, place, from) {
  await steps(desk, place, from);
  const shown = place.querySelector("[data-steps]");
  shown.scrollTop = 0;
  shown.focus();
}

async function steps(desk, place, from) {
  const shown = place.querySelector("[data-steps]");
  const answer = await fetch(`${desk.url}trajectory/?from=${from}`, { redirect: "error" }).catch(() => null);
  if (answer?.ok) shown.innerHTML = await answer.text();
  else shown.textContent = "The steps could not be fetched. Reload the page to try again.";
}
