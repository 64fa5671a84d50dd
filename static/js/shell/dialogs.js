/* <button data-opens="dialog-id"> opens a <dialog>; <button data-closes> inside closes it. */
export function wireDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.opens);
      if (dialog?.showModal) {
        event.preventDefault();
        dialog.showModal();
      }
      return;
    }
    event.target.closest("[data-closes]")?.closest("dialog")?.close();
  });
}
