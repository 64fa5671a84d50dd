/* A form made from the schema, beside the raw text. The raw text is what counts: the form writes into it. */
import { lineOf } from "./steps.js";

const SIMPLE = new Set(["string", "number", "integer", "boolean"]);

export function wireForm(desk) {
  const schema = desk.data.schema ?? {};
  const box = desk.root.querySelector("[data-box]");
  const fault = document.createElement("p");
  fault.className = "error-text";
  fault.setAttribute("role", "alert");
  box.append(fault);
  if (schema.type !== "object" || !schema.properties) {
    desk.on("change", () => (fault.textContent = problem(desk)));
    return;
  }
  const panel = document.createElement("fieldset");
  panel.className = "panel";
  const legend = document.createElement("legend");
  legend.textContent = "As a form";
  panel.append(legend);
  box.before(panel);
  box.querySelector(".box-label").classList.remove("visually-hidden");
  const fields = Object.entries(schema.properties).flatMap(([name, part]) => input(desk, panel, schema, name, part));
  const refresh = () => {
    fault.textContent = problem(desk);
    if (fault.textContent) return;
    const value = read(desk);
    for (const field of fields) if (field.element !== document.activeElement) field.show(value?.[field.name]);
  };
  desk.on("change", refresh);
  desk.on("found", (findings) => fields.forEach((field) => field.judge(findings)));
  refresh();
}

const read = (desk) => JSON.parse(desk.draft.text("response") || "{}");

function problem(desk) {
  const text = desk.draft.text("response");
  if (!text.trim()) return "";
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return lineOf(text, error);
  }
}

/* One property: text, number, choice, tick, or a list of texts with one a line. Deeper parts are written as raw text. */
function input(desk, panel, schema, name, part) {
  const list = part.type === "array" && SIMPLE.has(part.items?.type);
  if (!SIMPLE.has(part.type) && !part.enum && !list) return [];
  const field = document.createElement("div");
  field.className = "field";
  const label = document.createElement("label");
  const element = document.createElement(part.enum ? "select" : list || (part.maxLength ?? 999) > 120 && part.type === "string" ? "textarea" : "input");
  element.id = `form-${name}`;
  label.htmlFor = element.id;
  label.textContent = `${part.title ?? name}${schema.required?.includes(name) ? "" : " (optional)"}${list ? ", one a line" : ""}`;
  if (part.enum) element.append(new Option("", ""), ...part.enum.map((value) => new Option(String(value), JSON.stringify(value))));
  if (part.type === "boolean") element.type = "checkbox";
  if (part.type === "number" || part.type === "integer") element.inputMode = "decimal";
  if (element.tagName === "TEXTAREA") element.rows = 2;
  const help = document.createElement("p");
  help.className = "help";
  help.textContent = part.description ?? "";
  help.hidden = !part.description;
  const fault = document.createElement("p");
  fault.className = "error-text";
  fault.id = `form-${name}-fault`;
  element.setAttribute("aria-describedby", fault.id);
  if (part.type === "boolean") {
    label.className = "check";
    label.prepend(element);
    field.append(label, help, fault);
  } else field.append(label, help, element, fault);
  panel.append(field);
  element.addEventListener("change", () => write(desk, name, valueOf(element, part, list)));
  /* What the check says of this part of the object stands beside it. */
  const judge = (findings) => {
    fault.textContent = findings.filter(({ path }) => path?.[0] === name).map(({ message }) => message).join(" ");
    element.setAttribute("aria-invalid", String(Boolean(fault.textContent)));
  };
  return [{ name, element, judge, show: (value) => show(element, part, list, value) }];
}

function valueOf(element, part, list) {
  if (part.type === "boolean") return element.checked;
  if (part.enum) return element.value ? JSON.parse(element.value) : undefined;
  if (list) return element.value.split("\n").filter(Boolean).map((line) => (part.items.type === "string" ? line : numberOf(line)));
  if (part.type === "number" || part.type === "integer") return element.value === "" ? undefined : numberOf(element.value);
  return element.value;
}

/* What is no number stays as it was written: the check says so, and no word is lost. */
function numberOf(text) {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

function show(element, part, list, value) {
  if (part.type === "boolean") element.checked = Boolean(value);
  else if (part.enum) element.value = value === undefined ? "" : JSON.stringify(value);
  else element.value = list ? (value ?? []).join("\n") : (value ?? "");
}

function write(desk, name, value) {
  let object;
  try {
    object = read(desk);
  } catch {
    return;
  }
  if (value === undefined) delete object[name];
  else object[name] = value;
  desk.replaceText("response", JSON.stringify(object, null, 2), "typed");
}
