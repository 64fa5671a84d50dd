/* The box one writes in: CodeMirror, or a plain <textarea> for those whose tools get on better with one. Both offer
 *   doc, change({changes, kind, remote}), focus(), selection(), select(from, to), onChange(changes, kind). */
import { history, historyKeymap, isolateHistory } from "@codemirror/commands";
import { ChangeSet, EditorState, StateEffect, Transaction } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap, placeholder } from "@codemirror/view";
import { docOf, difference } from "./draft.js";
import { Kind, Remote, kindOf, kindOfInput } from "./kinds.js";
import { textKeys } from "./keymap.js";
import { look } from "./look.js";
import { markup } from "./markup.js";

const RIGHT_TO_LEFT = /^(ar|fa|he|ur|ps|sd|ug|yi|dv|ckb)\b/;

export function cspNonce() {
  return EditorView.cspNonce.of(document.querySelector("script[nonce]")?.nonce ?? "");
}

/* The zero character and half surrogate pairs cannot be stored: they never get into the text. */
const storable = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged) return transaction;
  const cleaned = [];
  let odd = false;
  transaction.changes.iterChanges((from, to, fromB, toB, inserted) => {
    const text = inserted.toString();
    const clean = text.replaceAll("\0", "").toWellFormed();
    odd ||= clean !== text;
    cleaned.push({ from, to, insert: docOf(clean) });
  });
  return odd ? { changes: cleaned, userEvent: transaction.annotation(Transaction.userEvent) } : transaction;
});

export function editorSurface({ parent, doc, label, language, kind, extensions = [], onChange }) {
  let replacing = false;
  const state = EditorState.create({
    doc,
    extensions: [
      cspNonce(),
      EditorView.lineWrapping,
      EditorView.perLineTextDirection.of(true),
      EditorView.contentAttributes.of({
        "aria-label": label,
        spellcheck: kind === "json" ? "false" : "true",
        autocorrect: kind === "json" ? "off" : "on",
        autocapitalize: kind === "json" ? "off" : "sentences",
        lang: language,
        dir: RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr",
      }),
      EditorView.domEventHandlers({
        beforeinput(event) {
          replacing = event.inputType === "insertReplacementText";
          return false;
        },
      }),
      EditorView.updateListener.of((update) => {
        for (const transaction of update.transactions) {
          if (!transaction.docChanged || transaction.annotation(Remote)) continue;
          onChange(transaction.changes, kindOf(transaction, replacing));
          replacing = false;
        }
      }),
      storable,
      highlightSpecialChars(),
      history(),
      kind === "markdown" ? markup : [],
      look,
      extensions,
      keymap.of([...textKeys, ...historyKeymap]),
    ],
  });
  const view = new EditorView({ parent, state });
  return {
    view,
    get doc() {
      return view.state.doc;
    },
    change({ changes, kind: how, remote = false, selection, event }) {
      view.dispatch({
        changes,
        selection,
        annotations: [remote ? Remote.of(true) : Kind.of(how), ...(remote ? [Transaction.addToHistory.of(false)] : [isolateHistory.of("full")])],
        userEvent: event,
        scrollIntoView: Boolean(selection),
      });
    },
    focus: () => view.focus(),
    selection() {
      const { from, to } = view.state.selection.main;
      return { from, to };
    },
    select(from, to = from) {
      const end = view.state.doc.length;
      view.dispatch({ selection: { anchor: Math.min(from, end), head: Math.min(to, end) }, scrollIntoView: true });
      view.focus();
    },
    add: (extension) => view.dispatch({ effects: StateEffect.appendConfig.of(extension) }),
    destroy: () => view.destroy(),
  };
}

/* The textarea keeps its own undo history; what changed is read from the difference to what it held before. */
export function plainSurface({ parent, doc, label, language, onChange }) {
  const box = document.createElement("textarea");
  box.className = "plain-box";
  box.rows = 18;
  box.dir = "auto";
  box.lang = language;
  box.spellcheck = true;
  box.setAttribute("aria-label", label);
  box.value = doc.toString();
  parent.append(box);
  let known = doc;
  box.addEventListener("input", (event) => {
    const clean = box.value.replaceAll("\0", "").toWellFormed();
    const now = docOf(clean);
    const changes = difference(known, now);
    known = now;
    if (!changes.empty) onChange(changes, kindOfInput(event.inputType ?? ""));
  });
  const show = (next) => {
    const { selectionStart, selectionEnd, scrollTop } = box;
    known = next;
    box.value = next.toString();
    box.setSelectionRange(selectionStart, selectionEnd);
    box.scrollTop = scrollTop;
  };
  return {
    box,
    get doc() {
      return known;
    },
    change({ changes, kind, remote = false, selection }) {
      const set = changes instanceof ChangeSet ? changes : ChangeSet.of(changes, known.length);
      show(set.apply(known));
      if (selection) box.setSelectionRange(selection.anchor, selection.head ?? selection.anchor);
      if (!remote) onChange(set, kind);
    },
    focus: () => box.focus(),
    selection: () => ({ from: box.selectionStart, to: box.selectionEnd }),
    select(from, to = from) {
      box.focus();
      box.setSelectionRange(from, to);
    },
    add() {},
    destroy: () => box.remove(),
  };
}

/* An editor in place of a <textarea data-editor> on other pages: what it holds goes with the form. */
export function open(textarea) {
  const label = textarea.labels?.[0]?.textContent.trim() ?? textarea.getAttribute("aria-label") ?? "Text";
  const surface = editorSurface({
    parent: textarea.parentElement,
    doc: docOf(textarea.value),
    label,
    language: textarea.lang || document.documentElement.lang,
    kind: "markdown",
    extensions: [placeholder(textarea.placeholder)],
    onChange: () => (textarea.value = surface.doc.toString()),
  });
  textarea.hidden = true;
  return surface.view;
}

