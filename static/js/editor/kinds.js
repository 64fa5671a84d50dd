/* How words came about, from what the editor says of a transaction. The names are those of annotation/writing_log.py. */
import { Annotation } from "@codemirror/state";

/* Set by our own commands: quoting, restoring, joining. */
export const Kind = Annotation.define();
/* Set on changes that came from the server or another tab: they are no edits of this page. */
export const Remote = Annotation.define();

const BY_EVENT = [
  ["input.type.compose", "composed"],
  ["input.paste", "pasted"],
  ["input.drop", "dropped"],
  ["input.complete", "completed"],
  ["move", "moved"],
  ["undo", "undone"],
  ["redo", "undone"],
  ["delete", "deleted"],
  ["input", "typed"],
];

export function kindOf(transaction, replacing) {
  const own = transaction.annotation(Kind);
  if (own) return own;
  if (replacing) return "replaced";
  return BY_EVENT.find(([event]) => transaction.isUserEvent(event))?.[1] ?? "other";
}

/* The same for a plain <textarea>, from the input event's type. */
export function kindOfInput(inputType) {
  if (inputType === "insertCompositionText" || inputType === "insertFromComposition") return "composed";
  if (inputType === "insertFromPaste" || inputType === "insertFromPasteAsQuotation") return "pasted";
  if (inputType === "insertFromDrop") return "dropped";
  if (inputType === "insertReplacementText") return "replaced";
  if (inputType.startsWith("history")) return "undone";
  if (inputType.startsWith("delete")) return "deleted";
  if (inputType.startsWith("insert")) return "typed";
  return "other";
}

