/* Returned work: the sentence of each open comment is marked in the text, and its comment leads there. */
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";

const setSaid = StateEffect.define();
const commented = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    const found = transaction.effects.find((effect) => effect.is(setSaid));
    return found ? found.value : marks.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

export function wireSaid(desk) {
  const draw = () => {
    for (const item of document.querySelectorAll("[data-said] [data-quote]:not([data-wired])")) wireComment(desk, item);
    mark(desk);
  };
  draw();
  document.addEventListener("htmx:load", draw);
}

function wireComment(desk, item) {
  item.dataset.wired = "";
  const show = document.createElement("button");
  show.type = "button";
  show.className = "link-button small";
  show.textContent = "Show in the text";
  show.addEventListener("click", () => {
    const place = placeOf(desk, item.dataset);
    if (place) desk.surfaces.get(place.field).select(place.from, place.to);
    else show.textContent = "No longer in the text";
  });
  item.querySelector("blockquote, .said")?.after(show);
}

/* The quoted words as they stand now: at the place that is named if they are still there, else where they are found. */
function placeOf(desk, { quote, start }) {
  for (const [field, surface] of desk.surfaces) {
    const text = surface.doc.toString();
    const named = [...text].slice(0, Number(start)).join("").length;
    const at = text.startsWith(quote, named) ? named : text.indexOf(quote);
    if (at >= 0) return { field, from: at, to: at + quote.length };
  }
  return null;
}

function mark(desk) {
  const open = [...document.querySelectorAll("[data-said] [data-quote]:not(.resolved)")].map((item) => placeOf(desk, item.dataset)).filter(Boolean);
  for (const [field, { view }] of desk.surfaces) {
    if (!view) continue;
    if (!view.state.field(commented, false)) view.dispatch({ effects: StateEffect.appendConfig.of(commented) });
    const marks = open.filter((place) => place.field === field && place.to > place.from).map(({ from, to }) => Decoration.mark({ class: "cm-commented" }).range(from, to));
    view.dispatch({ effects: setSaid.of(Decoration.set(marks, true)) });
  }
}
