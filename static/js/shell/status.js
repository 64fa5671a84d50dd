/* One live region tells what happened, on screen and to screen readers. */
const SHOWN_FOR = 8000;

export function say(text) {
  const region = document.querySelector("[data-toasts]");
  if (!region) return;
  const toast = document.createElement("p");
  toast.textContent = text;
  region.replaceChildren(toast);
  setTimeout(() => toast.remove(), SHOWN_FOR);
}
