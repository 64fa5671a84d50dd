/* Around the box: length, focus, keys, large type, the plain box. */
import { keepChoice, readChoice } from "./choices.js";
import { countWords } from "./words.js";

export function wirePage(desk) {
  wireLength(desk);
  wireFocus();
  wireKeys(desk);
  wireChoices(desk);
}

function wireLength(desk) {
  const line = document.querySelector("[data-words]");
  const band = document.querySelector("[data-band]");
  let timer;
  const show = () => {
    const text = [...desk.draft.docs.values()].map(String).join("\n");
    const words = countWords(text);
    if (band) showBand(band, words);
    else line.textContent = `${words.toLocaleString()} words`;
  };
  desk.on("change", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 250);
  });
  show();
}

function showBand(band, words) {
  const low = Number(band.dataset.low);
  const high = Number(band.dataset.high) || Infinity;
  /* Nothing is too short before it is begun. */
  const verdict = words === 0 ? "none" : words < low ? "low" : words > high ? "high" : "good";
  band.classList.remove("none", "low", "good", "high");
  band.classList.add(verdict);
  band.querySelector("[data-band-value]").setAttribute("x", Math.min((words / Number(band.dataset.top)) * 100, 99));
  const said = { none: "not begun", low: `too short, ${low - words} words to go`, good: "good length", high: `too long by ${words - high} words` };
  band.querySelector("[data-band-words]").textContent = `${words} words: ${said[verdict]}`;
}

function wireFocus() {
  const button = document.querySelector("[data-focus-mode]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const on = document.body.classList.toggle("focus-mode");
    button.setAttribute("aria-pressed", String(on));
  });
}

function wireKeys(desk) {
  document.addEventListener("keydown", (event) => {
    const inText = event.target.closest?.("input, textarea, select, [contenteditable=true]");
    if (event.key === "?" && !inText && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      document.getElementById("keys-dialog").showModal();
    }
    if (!(event.ctrlKey || event.metaKey)) return;
    if (event.key.toLowerCase() === "s" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      desk.keepVersion();
    }
  });
}

function wireChoices(desk) {
  const plain = document.querySelector("[data-plain-mode]");
  plain.checked = desk.plain;
  plain.addEventListener("change", () => {
    keepChoice("plain-box", plain.checked ? "yes" : "no");
    desk.switchBoxes(plain.checked);
  });
  const large = document.querySelector("[data-large-type]");
  large.checked = readChoice("large-type") === "yes";
  const apply = () => document.body.classList.toggle("large-type", large.checked);
  apply();
  large.addEventListener("change", () => {
    keepChoice("large-type", large.checked ? "yes" : "no");
    apply();
  });
}
