/* Several turns: the author may add a turn of the user and the answer to it, unless the turns are laid out. */
import { addBox, button, newField, removeBox, row } from "./boxes.js";

export function wireTurns(desk) {
  if (desk.data.schema?.turns || !desk.data.schema?.author_writes_user_turns) return;
  const tools = row(
    button("Add a turn of the user and its answer", () => {
      const asked = add(desk, "user", tools);
      add(desk, "assistant", tools);
      desk.surfaces.get(asked).focus();
    }),
    button("Remove the last two turns", () => {
      const turns = turnsOf(desk);
      if (turns.length < 3) return;
      for (const { field } of turns.slice(-2)) removeBox(desk, field);
      desk.setExtra("turns", turns.slice(0, -2));
    }),
  );
  [...desk.root.querySelectorAll("[data-box]")].at(-1).after(tools);
}

const turnsOf = (desk) => (desk.draft.extras.turns?.length ? desk.draft.extras.turns : [{ field: "response", role: "assistant" }]);

function add(desk, role, tools) {
  const turns = turnsOf(desk);
  const field = newField("t");
  const label = role === "user" ? `Turn of the user, ${turns.length + 1}` : `Answer, turn ${turns.length + 1}`;
  addBox(desk, { field, label, kind: "markdown", about: { role } }, tools);
  desk.setExtra("turns", [...turns, { field, role }]);
  return field;
}
