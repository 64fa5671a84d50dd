/* The writing surface: a Markdown editor in place of each <textarea data-editor>. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { deleteMarkupBackward, insertNewlineContinueMarkup } from "@codemirror/lang-markdown";
import { defineLanguageFacet, Language, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { GFM, parser } from "@lezer/markdown";
import { look, highlighting } from "./look.js";

const markdown = new Language(defineLanguageFacet(), parser.configure(GFM), [], "markdown");

const markdownKeys = keymap.of([
  { key: "Enter", run: insertNewlineContinueMarkup },
  { key: "Backspace", run: deleteMarkupBackward },
]);

export function open(textarea, extensions = []) {
  const view = new EditorView({
    parent: textarea.parentElement,
    state: EditorState.create({
      doc: textarea.value,
      extensions: [
        EditorView.cspNonce.of(document.querySelector("script[nonce]")?.nonce ?? ""),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of(accessibleNames(textarea)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) textarea.value = update.state.doc.toString();
        }),
        history(),
        markdown,
        syntaxHighlighting(highlighting),
        look,
        placeholder(textarea.placeholder),
        markdownKeys,
        keymap.of([...defaultKeymap, ...historyKeymap]),
        extensions,
      ],
    }),
  });
  textarea.hidden = true;
  return view;
}

function accessibleNames(textarea) {
  const label = textarea.labels?.[0]?.textContent.trim() ?? textarea.getAttribute("aria-label") ?? "Response";
  return { "aria-label": label, spellcheck: "true", lang: textarea.lang || document.documentElement.lang };
}

for (const textarea of document.querySelectorAll("textarea[data-editor]")) open(textarea);
