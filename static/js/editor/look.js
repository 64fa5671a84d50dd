/* How the editor looks, in the tokens of the design system. */
import { EditorView } from "@codemirror/view";

export const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--raised)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { font: "400 var(--text-reading)/1.65 var(--serif)", minHeight: "18rem" },
  ".cm-content": { padding: "var(--space-4) var(--space-5)", caretColor: "var(--ink)", maxWidth: "var(--measure)" },
  ".cm-line": { padding: "0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  ".cm-placeholder": { color: "var(--ink-soft)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "light-dark(#bfe0e3, #1f5a63)",
  },
  ".cm-md-heading": { fontWeight: "650", fontFamily: "var(--sans)" },
  ".cm-md-strong": { fontWeight: "700" },
  ".cm-md-em": { fontStyle: "italic" },
  ".cm-md-strike": { textDecoration: "line-through" },
  ".cm-md-link": { color: "var(--accent)" },
  ".cm-md-quote": { color: "var(--ink-soft)" },
  ".cm-md-code, .cm-md-math": { fontFamily: "var(--mono)", fontSize: "0.9em" },
});
