/* What the toolbar does to the text: plain Markdown, so that every reader sees the same. */

const around = (before, after = before) => (surface) => {
  const { from, to } = surface.selection();
  const words = surface.doc.sliceString(from, to);
  surface.change({
    changes: { from, to, insert: before + words + after },
    kind: "typed",
    selection: { anchor: from + before.length, head: from + before.length + words.length },
    event: "input",
  });
};

/* Puts a mark before each line of the selection, or takes it away where every line has it. */
const lines = (mark, pattern) => (surface) => {
  const { from, to } = surface.selection();
  const first = surface.doc.lineAt(from).number;
  const last = surface.doc.lineAt(to).number;
  const all = Array.from({ length: last - first + 1 }, (_, index) => surface.doc.line(first + index));
  const marked = all.every((line) => pattern.test(line.text));
  const changes = all.map((line, index) =>
    marked
      ? { from: line.from, to: line.from + line.text.match(pattern)[0].length, insert: "" }
      : { from: line.from, to: line.from, insert: typeof mark === "function" ? mark(index) : mark },
  );
  surface.change({ changes, kind: "typed", event: "input" });
};

const block = (text, caret) => (surface) => {
  const { from, to } = surface.selection();
  const words = surface.doc.sliceString(from, to);
  const line = surface.doc.lineAt(from);
  const before = line.from === from && (line.number === 1 || !line.text) ? "" : "\n\n";
  const insert = before + text.replace("…", words);
  surface.change({ changes: { from, to, insert }, kind: "typed", selection: { anchor: from + before.length + caret }, event: "input" });
};

export const COMMANDS = {
  heading: lines("## ", /^#{1,6} /),
  bold: around("**"),
  italic: around("*"),
  list: lines("- ", /^[-*+] /),
  numbers: lines((index) => `${index + 1}. `, /^\d+[.)] /),
  quoteblock: lines("> ", /^> ?/),
  code: (surface) => {
    const { from, to } = surface.selection();
    return surface.doc.sliceString(from, to).includes("\n") ? block("```\n…\n```\n", 3)(surface) : around("`")(surface);
  },
  math: around("$"),
  table: block("| A | B |\n| --- | --- |\n|   |   |\n", 2),
  link: (surface) => {
    const { from, to } = surface.selection();
    const words = surface.doc.sliceString(from, to);
    const insert = `[${words}](https://)`;
    surface.change({ changes: { from, to, insert }, kind: "typed", selection: { anchor: from + insert.length - 1 }, event: "input" });
  },
};

export const TOOLS = [
  ["heading", "heading", "Heading"],
  ["bold", "bold", "Bold"],
  ["italic", "italic", "Italic"],
  ["list", "list", "List"],
  ["numbers", "numbers", "Numbered list"],
  ["table", "table", "Table"],
  ["link", "link", "Link"],
  ["code", "code", "Code"],
  ["math", "math", "Formula"],
  ["quoteblock", "quote", "Quote block"],
];

export const SHORTCUTS = { b: "bold", i: "italic", k: "link", e: "code" };
