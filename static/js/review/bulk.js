/* The grid: tick all that may pass together, and say how many are ticked. */
export function wireBulk() {
  const form = document.getElementById("bulk");
  const boxes = form ? [...form.elements].filter((element) => element.name === "seat") : [];
  if (!boxes.length) return;
  const all = form.querySelector("[data-ticks-all]");
  const told = form.querySelector("[data-ticked]");
  const count = () => boxes.filter((box) => box.checked).length;
  const tell = () => {
    told.textContent = count() ? `${count()} ticked` : "";
    all.textContent = count() === boxes.length ? "Tick none" : "Tick all green ones";
  };
  all.hidden = false;
  all.addEventListener("click", () => {
    const wanted = count() < boxes.length;
    for (const box of boxes) box.checked = wanted;
    tell();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  tell();
}
