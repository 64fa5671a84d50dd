/* Personal data and secrets, taken out with one button: the passage becomes what it was, in brackets, as an edit of its
 * own kind (`redacted` in the writing log) that one undo brings back. What stands there then is selected, so that the
 * writer can type words that belong to nobody over it. */
import { ChangeSet } from "@codemirror/state";
import { nearest } from "./ranges.js";

/* A button for a finding at `place` ({field, from, to}) of the text that the server looked at. */
export function redactButton(desk, finding, place) {
  const quote = desk.draft.text(place.field).slice(place.from, place.to);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = `Replace with ${finding.replacement}`;
  button.addEventListener("click", () => {
    const found = redact(desk, place, quote, finding.replacement);
    if (found) button.closest("li").remove();
    else button.replaceWith(gone());
  });
  return button;
}

function redact(desk, { field, from }, quote, replacement) {
  const surface = desk.surfaces.get(field);
  const text = surface?.doc.toString() ?? "";
  const start = quote ? nearest(text, quote, from) : -1;
  if (start < 0) return false;
  const change = { from: start, to: start + quote.length, insert: replacement };
  const selection = { anchor: start, head: start + replacement.length };
  surface.change({ changes: ChangeSet.of(change, text.length), kind: "redacted", event: "input.redact", selection });
  surface.focus();
  return true;
}

function gone() {
  const note = document.createElement("span");
  note.className = "small muted";
  note.setAttribute("role", "alert");
  note.textContent = "This passage has changed since; the checks look again when it is saved.";
  return note;
}
