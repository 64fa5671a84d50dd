/* Without a line nothing is sent: the page stays, with every word, and says so. */
import { say } from "../shell/status.js";

export function wireReach() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-judgement], [data-undo-until]");
    if (!form || navigator.onLine) return;
    event.preventDefault();
    say(
      form.matches("[data-judgement]")
        ? "There is no connection, so nothing was sent. Your words stay here: press again when it is back."
        : "There is no connection, so nothing was taken back yet. Press Undo again as soon as it is back.",
    );
  });
}
