/* After a paste: a calm question where it is from. Answering is a courtesy to the reviewers, never a duty. */
const ASK_FROM = 40; // characters
const ORIGINS = ["my own notes", "a citation", "code I ran", "another source"];

export function wirePastes(desk) {
  const place = document.querySelector("[data-paste-note]");
  desk.on("change", ({ kind, changes }) => {
    if (kind !== "pasted" && kind !== "dropped") return;
    let text = "";
    changes.iterChanges((fromA, toA, fromB, toB, inserted) => (text += inserted.toString()));
    if (text.length < ASK_FROM || given(desk, text)) return;
    ask(desk, place, text);
  });
}

/* What stands in the instruction or its evidence is a quotation and needs no question. */
function given(desk, text) {
  const squeezed = (words) => words.replace(/\s+/g, " ").trim();
  return squeezed(desk.root.querySelector(".brief").textContent).includes(squeezed(text));
}

function ask(desk, place, text) {
  const note = document.createElement("div");
  note.className = "notice plain-notice";
  const line = document.createElement("div");
  line.className = "cluster";
  line.append(`Pasted ${text.length.toLocaleString()} characters. Where are they from? `);
  for (const origin of ORIGINS) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.textContent = origin;
    button.addEventListener("click", () => {
      const pastes = desk.draft.extras.pastes ?? [];
      desk.setExtra("pastes", [...pastes, { quote: text.slice(0, 120), length: text.length, origin }]);
      note.remove();
      desk.surface.focus();
    });
    line.append(button);
  }
  const later = document.createElement("button");
  later.type = "button";
  later.className = "button quiet small";
  later.textContent = "Not now";
  later.addEventListener("click", () => note.remove());
  line.append(later);
  note.append(line);
  place.replaceChildren(note);
}
