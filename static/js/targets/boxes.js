/* Boxes that are added while writing: the same that the server draws for what is saved. */
export const newField = (letter) => `${letter}-${crypto.getRandomValues(new Uint32Array(2)).join("").slice(0, 12)}`;

export function addBox(desk, part, after) {
  const box = document.createElement("div");
  box.className = "box";
  box.dataset.box = part.field;
  const label = document.createElement("p");
  label.className = "box-label";
  label.setAttribute("aria-hidden", "true");
  label.dataset.boxLabel = "";
  label.textContent = part.label;
  const frame = document.createElement("div");
  frame.className = "editor";
  frame.dataset.boxFrame = "";
  box.append(label, frame);
  after.before(box);
  /* Beside others the first box needs its name to be seen as well. */
  for (const name of desk.root.querySelectorAll(".box-label.visually-hidden")) name.classList.remove("visually-hidden");
  desk.data.editor.push(part);
  desk.mount(part, box);
  desk.last = part.field;
  return box;
}

export function removeBox(desk, field) {
  const surface = desk.surfaces.get(field);
  if (surface?.doc.length) surface.change({ changes: { from: 0, to: surface.doc.length }, kind: "deleted", event: "delete" });
  desk.unmount(field);
  desk.data.editor = desk.data.editor.filter((part) => part.field !== field);
}

export function button(label, work, className = "button small") {
  const element = document.createElement("button");
  element.type = "button";
  element.className = className;
  element.textContent = label;
  element.addEventListener("click", work);
  return element;
}

export function row(...children) {
  const element = document.createElement("div");
  element.className = "cluster";
  element.append(...children);
  return element;
}
