/* Selecting words in the response prepares a comment on them; comments are marked in the text they speak of. */
const CONTEXT = 48;
const NEAR = "p, li, td, h1, h2, h3, h4, pre, blockquote";

export function wireComments() {
  const panel = document.querySelector("[data-response]");
  if (!panel) return;
  document.addEventListener("selectionchange", () => remember(panel));
  document.addEventListener("click", focusBox);
  document.addEventListener("focusin", takePassage);
  document.addEventListener("htmx:load", mark);
  document.addEventListener("mouseover", point);
  document.addEventListener("mouseout", () => CSS.highlights?.delete("review-passage"));
  mark();
}

let last = null;

/* Opening the form takes the focus, and with it the selection: what was selected is kept here. */
function remember(panel) {
  const selection = getSelection();
  if (selection.isCollapsed || !selection.rangeCount) return;
  const range = selection.getRangeAt(0).cloneRange();
  const pane = range.startContainer.parentElement?.closest("[data-pane]");
  if (!pane || !panel.contains(pane)) return;
  // A triple click on the last paragraph reaches into what follows the text.
  if (!pane.contains(range.endContainer)) range.setEnd(pane, pane.childNodes.length);
  last = { quote: range.toString().trim(), prefix: around(pane, range, true), suffix: around(pane, range, false) };
  const form = document.querySelector("[data-comment-form]");
  if (form && !form.elements.body.value) fill(form);
}

function around(pane, range, before) {
  const rest = document.createRange();
  rest.selectNodeContents(pane);
  if (before) rest.setEnd(range.startContainer, range.startOffset);
  else rest.setStart(range.endContainer, range.endOffset);
  const text = rest.toString();
  return before ? text.slice(-CONTEXT) : text.slice(0, CONTEXT);
}

function fill(form) {
  if (!last?.quote) return;
  for (const name of ["quote", "prefix", "suffix"]) form.elements[name].value = last[name];
  if (!form.elements.suggestion.value) form.elements.suggestion.value = last.quote;
}

/* What is selected at this moment counts, and the field has the focus before the next key is typed. */
function focusBox(event) {
  const summary = event.target.closest("[data-comment-box] > summary");
  if (!summary) return;
  const box = summary.parentElement;
  const closes = box.open && (event.detail > 0 || document.activeElement === summary);
  if (closes) return;
  event.preventDefault();
  box.open = true;
  remember(document.querySelector("[data-response]"));
  const form = box.querySelector("[data-comment-form]");
  fill(form);
  form.elements.body.focus();
}

/* The field of a requirement takes over what is selected in the response when it is entered empty. */
function takePassage(event) {
  const field = event.target.closest("[data-takes-selection]");
  if (!field || field.value || !last?.quote) return;
  field.value = last.quote.slice(0, 400);
  last = null;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function mark() {
  if (!CSS.highlights) return;
  const ranges = [...document.querySelectorAll("[data-comment][data-quote]")].flatMap((thread) => rangesOf(thread.dataset.quote));
  CSS.highlights.set("review-comments", new Highlight(...ranges));
}

function point(event) {
  const passage = event.target.closest("[data-passage], [data-comment][data-quote]");
  if (!passage || !CSS.highlights) return;
  CSS.highlights.set("review-passage", new Highlight(...rangesOf(passage.dataset.passage ?? passage.dataset.quote)));
}

/* Where a passage stands in the laid-out text: within one block, marks of Markdown left out. */
function rangesOf(quote) {
  const wanted = squeezed(quote.replaceAll(/[*_`#>~|\\[\]]/g, ""));
  if (wanted.length < 2) return [];
  for (const block of document.querySelectorAll(`#pane-rendered :is(${NEAR})`)) {
    const range = find(block, wanted);
    if (range) return [range];
  }
  return [];
}

const squeezed = (text) => text.replaceAll(/\s+/g, " ").trim();

function find(block, wanted) {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const places = [];
  let text = "";
  while (walker.nextNode()) {
    [...walker.currentNode.data].forEach((character, offset) => {
      const seen = /\s/.test(character) ? " " : character;
      if (seen === " " && text.endsWith(" ")) return;
      text += seen;
      places.push([walker.currentNode, offset]);
    });
  }
  const at = text.indexOf(wanted);
  if (at < 0) return null;
  const range = document.createRange();
  range.setStart(...places[at]);
  const [node, offset] = places[at + wanted.length - 1];
  range.setEnd(node, offset + 1);
  return range;
}
