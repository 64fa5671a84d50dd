/* Handing in: everything is saved first; a refusal is said beside the button and changes nothing. */
import { call } from "./server.js";
import { reasonsGiven } from "./checks.js";

export function wireSubmit(desk) {
  const button = document.querySelector("[data-submit]");
  const problem = document.querySelector("[data-submit-error]");
  const note = document.querySelector("[data-note]");
  note.value = desk.draft.extras.note ?? "";
  note.addEventListener("input", () => desk.setExtra("note", note.value));
  desk.on("extras", () => {
    if (note !== document.activeElement) note.value = desk.draft.extras.note ?? "";
  });

  desk.form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    problem.textContent = "";
    problem.textContent = await handIn(desk, note.value);
    button.removeAttribute("aria-disabled");
    if (problem.textContent && !desk.root.querySelector("[data-box]:focus-within")) problem.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    desk.form.requestSubmit(button);
  });
}

/* The reason why it was not handed in, or nothing: then the page leaves. */
async function handIn(desk, note) {
  if (!(await desk.sync.flush())) {
    return "Not handed in: the last changes are not on the server yet. They are kept on this device; try again when the line above says “Saved”.";
  }
  const form = new FormData();
  form.set("version", desk.draft.base.version);
  form.set("note", note);
  for (const [check, reason] of reasonsGiven(desk)) form.set(`reason-${check}`, reason);
  const answer = await call(`${desk.url}submit/`, { form, patience: 120_000 });
  if (answer.outcome === "ok") {
    await desk.journal.forgetAll();
    location.assign(answer.data.next);
    return "";
  }
  if (answer.outcome === "signed-out" || answer.outcome === "token") {
    desk.sync.failed("signed-out");
    return "Not handed in: you are signed out. Sign in, then press the button again.";
  }
  if (answer.outcome === "unreachable") return "Not handed in: the server cannot be reached. Your text is safe; try again in a moment.";
  if (answer.outcome === "broken") return "Not handed in: the server had a problem. Nothing has changed and your text is safe; try again in a moment.";
  if (answer.data.code === "draft_is_stale") {
    await desk.sync.refresh();
    return "Not handed in: the text was changed in another tab or on another device meanwhile. It is brought together above; read it once and hand it in again.";
  }
  if (answer.data.code === "lease_lost" || answer.data.code === "question_dropped") await desk.sync.refresh();
  desk.tell("refused", answer.data);
  return `Not handed in. ${answer.data.message} ${answer.data.advice ?? ""}`;
}
