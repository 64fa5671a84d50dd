/* Reasons to choose from: a press writes the words into the field, after what stands there. */
export function wireCanned() {
  for (const group of document.querySelectorAll(".canned[hidden]")) group.hidden = false;
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-says]");
    if (!choice) return;
    const field = document.getElementById(choice.dataset.says);
    const words = choice.textContent.trim();
    if (!field.value.includes(words)) field.value = [field.value.trim(), words].filter(Boolean).join(" ");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
}
