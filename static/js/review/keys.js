/* Single keys for people who review all day: elements with data-key are pressed by it. They work outside of
 * text fields only, and can be switched off in the dialog that “?” opens (WCAG 2.1.4). */
const OFF = "review-keys-off";

export function wireKeys() {
  const choice = document.querySelector("[data-keys-choice]");
  if (choice) {
    choice.checked = !localStorage.getItem(OFF);
    choice.addEventListener("change", () => {
      if (choice.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "yes");
    });
  }
  document.addEventListener("keydown", press);
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || localStorage.getItem(OFF)) return;
  if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], dialog[open]")) return;
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!wanted || wanted.disabled) return;
  event.preventDefault();
  const field = wanted.dataset.keyNeeds && document.getElementById(wanted.dataset.keyNeeds);
  // A verdict that needs words goes to the field first; the same key sends it once there are some.
  if (field && !field.value.trim()) field.focus();
  else wanted.click();
}
