/* Whether everything is safe, in one word for screen readers and with both times for everybody. */
import { banner, dropBanner } from "./banners.js";

const WORDS = {
  saved: "Saved",
  saving: "Saving…",
  unreachable: "Offline: kept on this device",
  broken: "Kept on this device; the server had a problem",
  "signed-out": "Kept on this device; you are signed out",
  stranger: "Kept on this device; somebody else is signed in",
  refused: "Kept on this device; the server refused it",
  lapsed: "Saved, but the task is no longer yours",
  "handed-in": "Handed in",
};

const EXPLAINED = {
  unreachable: ["warning", "The server cannot be reached", "Go on writing: every change is kept on this device and sent by itself as soon as the line is back."],
  broken: ["warning", "The server had a problem", "Go on writing: every change is kept on this device, and saving is tried again by itself every few seconds."],
  "handed-in": ["warning", "This was handed in", "It was handed in from another tab or device, so it cannot be changed here. What you wrote here stays on this device."],
};

export function wireStatus(desk) {
  const status = document.querySelector("[data-save-status]");
  const times = document.querySelector("[data-save-times]");
  const dot = document.querySelector("[data-dot]");
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "medium" });
  const { sync, journal } = desk;

  const showTimes = () => {
    const here = journal.problem ? `not on this device (${journal.problem})` : journal.savedAt && `on this device ${clock.format(journal.savedAt)}`;
    const there = sync.savedAt ? `on the server ${clock.format(sync.savedAt)}` : "not on the server yet";
    times.textContent = [here, there].filter(Boolean).join(" · ");
  };

  sync.onState = (state) => {
    const words = state === "saved" && desk.draft.base.version === 0 ? "Nothing written yet" : WORDS[state];
    if (status.textContent !== words) status.textContent = words;
    dot.dataset.state = state;
    showTimes();
    explain(desk, state);
  };
  journal.onChange = showTimes;
}

function explain(desk, state) {
  if (EXPLAINED[state]) {
    const [kind, title, text] = EXPLAINED[state];
    banner("saving", { kind, title, text });
  } else if (state === "refused") {
    const { message, advice } = desk.sync.refusal ?? {};
    banner("saving", { kind: "error", title: "The server did not take the last change", text: `${message ?? ""} ${advice ?? ""}`, action: ["Try again", () => desk.sync.retry()] });
  } else if (state === "saved") dropBanner("saving");
}
