/* The toolbar above a box, and the preview: the server's own rendering, the same that reviewers read. */
import { COMMANDS, TOOLS } from "./commands.js";
import { token } from "./server.js";
import { asset, loadStyle } from "../shell/assets.js";

export function toolbar(desk, field) {
  const bar = document.createElement("div");
  bar.className = "toolbar boxed";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Formatting");
  for (const [command, picture, label] of TOOLS) {
    const tool = document.createElement("button");
    tool.type = "button";
    tool.className = "button quiet small icon-only";
    tool.title = label;
    tool.setAttribute("aria-label", label);
    tool.innerHTML = `<svg class="icon" aria-hidden="true" focusable="false"><use href="${icons()}#${picture}"></use></svg>`;
    tool.addEventListener("mousedown", (event) => event.preventDefault());
    tool.addEventListener("click", () => {
      const surface = desk.surfaces.get(field);
      COMMANDS[command](surface);
      surface.focus();
    });
    bar.append(tool);
  }
  const preview = document.createElement("button");
  preview.type = "button";
  preview.className = "button small push";
  preview.textContent = "Preview";
  preview.dataset.preview = field;
  preview.setAttribute("aria-pressed", "false");
  bar.append(preview);
  walkWithArrows(bar);
  return bar;
}

const icons = () => document.querySelector("use[href*='icons']")?.getAttribute("href").split("#")[0] ?? "/static/icons.svg";

/* One stop for the Tab key; arrows move inside, as toolbars do. */
function walkWithArrows(bar) {
  const tools = [...bar.querySelectorAll("button")];
  tools.forEach((tool, index) => (tool.tabIndex = index ? -1 : 0));
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tools[(tools.indexOf(document.activeElement) + step + tools.length) % tools.length];
    for (const tool of tools) tool.tabIndex = tool === next ? 0 : -1;
    next.focus();
  });
}

export function wirePreview(desk) {
  desk.root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-preview]");
    if (button) toggle(desk, button);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || !event.shiftKey || event.key.toLowerCase() !== "p") return;
    event.preventDefault();
    const button = document.querySelector(`[data-preview="${CSS.escape(desk.last)}"]`);
    if (button) toggle(desk, button);
  });
}

async function toggle(desk, button) {
  const field = button.dataset.preview;
  const frame = button.closest("[data-box-frame]");
  const open = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(open));
  frame.querySelector("[data-shown]")?.remove();
  frame.classList.toggle("previewing", open);
  if (!open) return desk.surfaces.get(field).focus();
  const shown = document.createElement("div");
  shown.dataset.shown = "";
  shown.className = "prose preview";
  shown.dir = "auto";
  shown.tabIndex = 0;
  shown.setAttribute("role", "region");
  shown.setAttribute("aria-label", "Preview");
  frame.append(shown);
  shown.innerHTML = await laidOut(desk.draft.text(field));
  if (shown.querySelector(".math")) typeset(shown);
}

/* HTML that the server has cleaned; its answer is the only source of it. */
async function laidOut(text) {
  const body = new URLSearchParams({ text });
  try {
    const answer = await fetch("/write/preview/", { method: "POST", body, headers: { "X-CSRFToken": token() }, redirect: "error" });
    if (answer.ok) return (await answer.text()) || "<p class='muted'>Nothing to show yet.</p>";
  } catch {
    /* said below */
  }
  return "<p>The preview comes from the server, which cannot be reached right now. Your text is safe.</p>";
}

async function typeset(root) {
  loadStyle("math-style");
  const { typeset: one } = await import(asset("math"));
  for (const element of root.querySelectorAll(".math:not([data-done])")) one(element);
}
