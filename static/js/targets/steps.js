/* Tool calls: steps in order, a call with its arguments, its result, and words of the assistant. */
import { addBox, button, newField, removeBox, row } from "./boxes.js";

const functionOf = (tool) => tool.function ?? tool;

export function wireSteps(desk) {
  const tools = desk.data.tools.map(functionOf);
  const choice = document.createElement("select");
  choice.className = "input as-wide-as-its-words";
  choice.setAttribute("aria-label", "Tool to call");
  for (const { name } of tools) choice.append(new Option(name, name));
  const bar = row(
    choice,
    button("Add a call", () => addCall(desk, tools.find(({ name }) => name === choice.value), bar)),
    button("Add words", () => desk.surfaces.get(add(desk, { type: "say" }, "Words of the assistant", "markdown", bar).field).focus()),
  );
  const boxes = desk.root.querySelectorAll("[data-box]");
  boxes[boxes.length - 1].after(bar);
  for (const step of stepsOf(desk)) decorate(desk, step, bar);
}

const stepsOf = (desk) => (desk.draft.extras.steps?.length ? desk.draft.extras.steps : [{ field: "response", type: "say" }]);

function add(desk, step, label, kind, bar) {
  const made = { field: newField("s"), ...step };
  const number = stepsOf(desk).length + 1;
  addBox(desk, { field: made.field, label: `${label}, step ${number}`, kind, about: { step: made } }, bar);
  desk.setExtra("steps", [...stepsOf(desk), made]);
  decorate(desk, made, bar);
  return made;
}

function addCall(desk, tool, bar) {
  if (!tool) return;
  const step = add(desk, { type: "call", name: tool.name }, `Arguments of ${tool.name}`, "json", bar);
  const surface = desk.surfaces.get(step.field);
  surface.change({ changes: { from: 0, insert: `${JSON.stringify(blank(tool.parameters), null, 2)}` }, kind: "completed", event: "input.complete" });
  add(desk, { type: "result", of: step.field }, "Result", "plain", bar);
  surface.focus();
}

/* The required arguments, empty: what the author fills in. */
function blank(schema = {}) {
  const values = { string: "", number: 0, integer: 0, boolean: false, array: [], object: {} };
  const names = schema.required?.length ? schema.required : Object.keys(schema.properties ?? {});
  return Object.fromEntries(names.map((name) => [name, values[schema.properties?.[name]?.type] ?? ""]));
}

/* What the tool is for, what is wrong with the arguments, and the way to take the step out. */
function decorate(desk, step, bar) {
  const box = desk.root.querySelector(`[data-box="${CSS.escape(step.field)}"]`);
  if (!box || step.field === "response") return;
  const tool = desk.data.tools.map(functionOf).find(({ name }) => name === step.name);
  const line = document.createElement("p");
  line.className = "small muted";
  line.textContent = tool?.description ?? "";
  const fault = document.createElement("p");
  fault.className = "error-text";
  fault.setAttribute("role", "alert");
  box.append(line, fault, row(button("Remove this step", () => {
    const gone = new Set([step.field, ...stepsOf(desk).filter(({ of }) => of === step.field).map(({ field }) => field)]);
    for (const field of gone) removeBox(desk, field);
    desk.setExtra("steps", stepsOf(desk).filter(({ field }) => !gone.has(field)));
    bar.querySelector("button").focus();
  }, "link-button small")));
  if (step.type !== "call") return;
  if (afterACall(desk, step)) box.append(together(desk, step));
  const judge = () => (fault.textContent = faultIn(desk.draft.text(step.field), tool?.parameters));
  desk.on("change", ({ field }) => field === step.field && judge());
  /* What the server says of this step stands here until the step is changed, or the server says otherwise. */
  desk.on("unfinished", ({ field, message }) => (fault.textContent = field === step.field ? message : faultIn(desk.draft.text(step.field), tool?.parameters)));
}

const afterACall = (desk, step) => stepsOf(desk)[stepsOf(desk).findIndex(({ field }) => field === step.field) - 1]?.type === "result";

/* Whether the assistant makes this call before it knows what the one before gave. */
function together(desk, { field, together: chosen }) {
  const label = document.createElement("label");
  label.className = "check small";
  const tick = document.createElement("input");
  tick.type = "checkbox";
  tick.checked = Boolean(chosen);
  tick.addEventListener("change", () => desk.setExtra("steps", stepsOf(desk).map((one) => (one.field === field ? { ...one, together: tick.checked } : one))));
  label.append(tick, "Made at once with the call before");
  return label;
}

/* Only what can be said at once; the server judges by the whole schema. */
function faultIn(text, schema = {}) {
  let value;
  try {
    value = JSON.parse(text || "{}");
  } catch (error) {
    return lineOf(text, error);
  }
  const missing = (schema.required ?? []).filter((name) => !(name in Object(value)));
  if (missing.length) return `Missing: ${missing.join(", ")}.`;
  const unknown = schema.additionalProperties === false ? Object.keys(value).filter((name) => !(name in (schema.properties ?? {}))) : [];
  return unknown.length ? `The tool takes no ${unknown.join(", ")}.` : "";
}

export function lineOf(text, error) {
  const at = Number(/position (\d+)/.exec(error.message)?.[1] ?? text.length);
  const before = text.slice(0, at).split("\n");
  return `Not JSON yet: line ${before.length}, column ${before.at(-1).length + 1}.`;
}
