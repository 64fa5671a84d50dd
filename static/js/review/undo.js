/* Counts down the seconds in which a verdict can be taken back. */
export function wireUndo() {
  const form = document.querySelector("form[data-undo-until]");
  if (!form) return;
  const left = form.querySelector("[data-undo-left]");
  const end = Date.parse(form.dataset.undoUntil);
  const tick = () => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    if (seconds <= 0) return form.remove();
    left.textContent = `(${seconds} s)`;
    setTimeout(tick, 500);
  };
  tick();
}
