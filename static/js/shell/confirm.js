/* <form data-confirm="Withdraw version 1.2.0?" data-confirm-action="Withdraw"> asks before it is sent,
 * in a dialog of our own: it can be read by every screen reader and never covers the words. */
export function wireConfirm() {
  document.addEventListener("submit", ask, { capture: true });
}

function ask(event) {
  const form = event.target.closest("form[data-confirm]");
  if (!form || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const dialog = build(form);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "yes") return;
    form.dataset.confirmed = "yes";
    form.requestSubmit(event.submitter ?? undefined);
    delete form.dataset.confirmed;
  });
  dialog.showModal();
}

function build(form) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const question = document.createElement("p");
  question.id = "confirm-question";
  question.textContent = form.dataset.confirm;
  dialog.setAttribute("aria-labelledby", question.id);
  const answers = document.createElement("form");
  answers.method = "dialog";
  answers.className = "form-actions";
  answers.append(
    answer("yes", form.dataset.confirmAction ?? "Yes, go on", "button primary danger"),
    answer("no", "Keep as it is", "button"),
  );
  dialog.append(question, answers);
  return dialog;
}

function answer(value, label, className) {
  const button = document.createElement("button");
  button.value = value;
  button.textContent = label;
  button.className = className;
  return button;
}
