/* How long the task stays with this person. Counted from the server's answer with a clock that nobody can set wrong. */
import { banner, dropBanner } from "./banners.js";
import { call } from "./server.js";

export function wireLease(desk) {
  const words = document.querySelector("[data-lease-words]");
  let ends = performance.now() + desk.data.leaseSeconds * 1000;
  const show = () => {
    const minutes = Math.max(Math.ceil((ends - performance.now()) / 60_000), 0);
    const left = inWords(minutes);
    words.textContent = minutes ? `${left} left; saving renews it` : "time is up; the next save renews it";
    if (minutes <= 5 && minutes > 0 && desk.sync.state === "saved") {
      banner("lease", { kind: "warning", text: `This task goes back to the queue in ${left} unless you go on. Your text is kept in any case.`, action: ["I am still here", () => renew(desk)] });
    } else dropBanner("lease");
  };
  desk.sync.onLease = ({ lease_seconds: seconds, held, dropped }) => {
    ends = performance.now() + seconds * 1000;
    show();
    if (dropped) gone();
    else if (held === false) lost(desk);
    else dropBanner("lost");
  };
  setInterval(show, 15_000);
  show();
}

function inWords(minutes) {
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

function renew(desk) {
  desk.draft.mark("kept");
  desk.sync.flush();
}

function lost(desk) {
  banner("lost", {
    kind: "warning",
    title: "Your time on this task ran out",
    text: "It went back to the queue. Your text is kept, here and on the server, and you can go on if nobody has taken the task yet.",
    action: ["Take it again", () => again(desk)],
  });
}

function gone() {
  banner("lost", {
    kind: "info",
    title: "This question was taken out of the project",
    text: "Another one asks the same, so nothing more is to be done here. Your text is kept, here and on the server.",
  });
}

async function again(desk) {
  const answer = await call(`${desk.url}take/`, { form: new FormData() });
  if (answer.outcome === "ok") {
    dropBanner("lost");
    desk.sync.become("saved");
    desk.draft.mark("kept");
    return desk.sync.flush();
  }
  const { message = "The server could not be reached.", advice = "Try again in a moment." } = answer.data ?? {};
  banner("lost", { kind: "error", title: message, text: `${advice} Your text is kept.`, action: ["Take it again", () => again(desk)] });
}
