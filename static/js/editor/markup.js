/* Markdown while it is written: quiet colours for what is in sight, lists that go on by themselves. What a text really
 * looks like is the preview's to say, so a few patterns do here, a third of the weight of a parser. */
import { RangeSetBuilder } from "@codemirror/state";
import { Decoration, keymap, ViewPlugin } from "@codemirror/view";

const FENCE = /^ {0,3}(```|~~~)/;
const FENCES = /^ {0,3}(```|~~~)/gm;
const BLOCKS = [
  [/^#{1,6} /, "cm-md-heading"],
  [/^ {0,3}>/, "cm-md-quote"],
];
/* Each bounded, so that a line of stray marks stays cheap. */
const SPANS =
  /(?<code>(`+)(?!`)[^\n]{1,400}?(?<!`)\2(?!`))|(?<link>!?\[[^\]\n]{0,300}\]\([^)\s]{0,400}\))|(?<strong>(\*\*|__)(?=\S)[^\n]{1,600}?\S\5)|(?<em>(?<![\w*])([*_])(?=[^\s*_])[^*_\n]{0,400}?[^\s*_]\7(?![\w*]))|(?<strike>~~(?=\S)[^~\n]{1,400}~~)|(?<math>\$(?=\S)[^$\n]{1,300}\$)/g;
const LIST = /^(\s*(?:> ?)*)(?:([-*+])|(\d{1,9})([.)]))( +)(\[[ xX]\] )?/;
const QUOTE = /^\s*(?:> ?)+/;

const lineMarks = new Map();
const spanMarks = new Map();
const line = (name) => lineMarks.get(name) ?? lineMarks.set(name, Decoration.line({ class: name })).get(name);
const span = (name) => spanMarks.get(name) ?? spanMarks.set(name, Decoration.mark({ class: name })).get(name);

class Colours {
  constructor(view) {
    this.decorations = coloured(view);
  }

  update({ docChanged, viewportChanged, view }) {
    if (docChanged || viewportChanged) this.decorations = coloured(view);
  }
}

function coloured(view) {
  const builder = new RangeSetBuilder();
  for (const { from, to } of view.visibleRanges) {
    let inFence = fencesBefore(view.state.doc, from) % 2 === 1;
    for (let at = from; at <= to; ) {
      const here = view.state.doc.lineAt(at);
      const fence = FENCE.test(here.text);
      if (fence || inFence) builder.add(here.from, here.from, line("cm-md-code"));
      else colourLine(builder, here, Math.max(from, here.from), Math.min(to, here.to));
      if (fence) inFence = !inFence;
      at = here.to + 1;
    }
  }
  return builder.finish();
}

/* How many fences open or close a block of code above this place. */
const fencesBefore = (doc, to) => doc.sliceString(0, doc.lineAt(to).from).match(FENCES)?.length ?? 0;

/* Of a very long line only the part in sight is read. */
function colourLine(builder, { from, text }, start, end) {
  const block = BLOCKS.find(([pattern]) => pattern.test(text));
  if (block) builder.add(from, from, line(block[1]));
  const seen = text.slice(start - from, end - from);
  for (const found of seen.matchAll(SPANS)) {
    const [name] = Object.entries(found.groups).find(([, words]) => words !== undefined);
    builder.add(start + found.index, start + found.index + found[0].length, span(`cm-md-${name}`));
  }
}

/* Enter in a list or quotation begins its next line; on an empty item the list ends. */
function goOn({ state, dispatch }) {
  const { main } = state.selection;
  const here = state.doc.lineAt(main.head);
  const list = here.text.match(LIST);
  const begin = list ?? here.text.match(QUOTE);
  if (!main.empty || !begin || main.head < here.from + begin[0].length) return false;
  if (fencesBefore(state.doc, here.from) % 2) return false;
  if (!here.text.slice(begin[0].length).trim()) {
    /* An empty line is left: without one, what is written next would still belong to the list. */
    const changes = { from: here.from, to: here.to, insert: state.lineBreak };
    dispatch(state.update({ changes, selection: { anchor: here.from + 1 }, scrollIntoView: true, userEvent: "input" }));
    return true;
  }
  const insert = state.lineBreak + (list ? nextItem(list) : begin[0]);
  const changes = [{ from: main.head, insert }, ...(list?.[3] ? renumbered(state.doc, here, list) : [])];
  dispatch(state.update({ changes, selection: { anchor: main.head + insert.length }, scrollIntoView: true, userEvent: "input" }));
  return true;
}

const nextItem = ([, before, bullet, number, mark, gap, box]) => before + (bullet ?? `${Number(number) + 1}${mark}`) + gap + (box ? "[ ] " : "");

/* The numbers of the items that follow without a break, one higher. */
function renumbered(doc, { number }, [, before, , first]) {
  const changes = [];
  let expected = Number(first) + 1;
  for (let next = number + 1; next <= doc.lines; next++, expected++) {
    const { from, text } = doc.line(next);
    const item = text.match(LIST);
    if (item?.[1] !== before || Number(item[3]) !== expected) break;
    const start = from + before.length;
    changes.push({ from: start, to: start + item[3].length, insert: String(expected + 1) });
  }
  return changes;
}

/* Backspace right behind a list mark takes the whole mark away. */
function takeMarkAway({ state, dispatch }) {
  const { main } = state.selection;
  const here = state.doc.lineAt(main.head);
  const list = here.text.match(LIST);
  if (!main.empty || !list || main.head !== here.from + list[0].length) return false;
  dispatch(state.update({ changes: { from: here.from + list[1].length, to: main.head }, userEvent: "delete.backward" }));
  return true;
}

export const markup = [
  ViewPlugin.fromClass(Colours, { decorations: ({ decorations }) => decorations }),
  keymap.of([
    { key: "Enter", run: goOn },
    { key: "Backspace", run: takeMarkAway },
  ]),
];
