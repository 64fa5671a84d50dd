/* Edits that a reviewer suggests: taking one over changes the text here, as words of the reviewer's (kind
 * `suggested` in the writing log), and tells the server. Alt+Y takes over the first, Alt+N leaves it. */
import { ChangeSet } from "@codemirror/state";
import { nearest } from "./ranges.js";

const FIELD = "response";

export function wireSuggestions(desk) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-suggestion] button[value=accepted]");
    if (!button) return;
    if (takeOver(desk, button.closest("[data-comment]"), button.form.dataset.replacement)) {
      button.form.elements.made.value = "yes"; // the draft on the server learns of it a moment later
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const answer = { KeyY: "accepted", KeyN: "declined" }[event.code];
    const button = answer && document.querySelector(`[data-suggestion] button[value=${answer}]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
}

/* True when the passage was found and replaced, or reads as suggested already. */
function takeOver(desk, comment, replacement) {
  const surface = desk.surfaces.get(FIELD);
  const quote = comment.dataset.quote;
  const text = surface?.doc.toString() ?? "";
  const from = quote ? nearest(text, quote, Number(comment.dataset.start)) : -1;
  if (from < 0 && replacement && text.includes(replacement)) return true;
  if (from < 0) {
    const note = document.createElement("p");
    note.className = "gone";
    note.setAttribute("role", "alert");
    note.textContent = "This passage is not in your text as it was, so the edit has to be made by hand.";
    comment.querySelector("[data-suggestion]").before(note);
    return false;
  }
  const change = { from, to: from + quote.length, insert: replacement };
  surface.change({ changes: ChangeSet.of(change, text.length), kind: "suggested", event: "input.suggested" });
  surface.select(from, from + replacement.length);
  return true;
}
