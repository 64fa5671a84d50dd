/* Keeps what a reviewer types: every pause is saved, which also renews their time on the review. */
import { say } from "../shell/status.js";

const PAUSE = 700;
const RETRY = 5000;

export function wireDraft() {
  const form = document.querySelector("form[data-judgement][data-draft-url]");
  if (!form) return;
  const line = form.querySelector("[data-draft-state]");
  let timer = null;
  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };
  const tell = (words) => { if (line) line.textContent = words; };

  async function save() {
    try {
      const answer = await fetch(form.dataset.draftUrl, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
        keepalive: true,
      });
      if (answer.ok) return tell("Saved");
      const refusal = await answer.json().catch(() => ({}));
      tell("Not saved");
      say(`${refusal.message ?? "This could not be saved."} ${refusal.advice ?? ""}`);
    } catch {
      tell("Not saved yet: the server cannot be reached");
      later(RETRY);
    }
  }

  form.addEventListener("input", () => {
    tell("Saving…");
    later(PAUSE);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  addEventListener("pagehide", () => {
    if (timer && !form.dataset.sent && line?.textContent === "Saving…") save();
  });
}
