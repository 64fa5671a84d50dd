/* The session has ended: sign in again right here, while the box stays and can be written in. */
import { banner, dropBanner } from "./banners.js";
import { session, token } from "./server.js";

export function wireSignIn(desk) {
  const dialog = document.getElementById("sign-in-dialog");
  const form = dialog.querySelector("[data-sign-in-form]");
  const problem = dialog.querySelector("[data-sign-in-error]");
  const { sync } = desk;
  let asked = false;
  const before = sync.onState;

  sync.onState = (state) => {
    before(state);
    if (state === "signed-out" || state === "stranger") {
      const other = state === "stranger";
      banner("signed-out", {
        kind: "warning",
        title: other ? "Somebody else is signed in in this browser" : "You are signed out",
        text: other ? "Sign in as yourself; until then your text is kept on this device." : "Go on writing: every change is kept on this device. Sign in and it goes to the server.",
        action: ["Sign in", () => dialog.showModal()],
      });
      if (!asked && !dialog.open) dialog.showModal();
      asked = true;
    } else if (state === "saved") {
      asked = false;
      dropBanner("signed-out");
      if (dialog.open) dialog.close();
    }
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    problem.textContent = await signIn(form);
    if (problem.textContent) return;
    const answer = await session();
    if (answer.outcome === "ok" && answer.data.person !== desk.data.person) {
      problem.textContent = "This is another person's account. Sign in with your own.";
    } else if (answer.outcome === "ok") goOn();
    else show(true);
  });

  /* The second step: a code, or the link for those who have a passkey. */
  const second = dialog.querySelector("[data-second-step]");
  const refused = dialog.querySelector("[data-second-step-error]");
  const show = (on) => {
    second.hidden = !on;
    form.hidden = on;
    if (on) second.elements.code.focus();
  };
  second.addEventListener("submit", async (event) => {
    event.preventDefault();
    refused.textContent = "";
    await post(second).catch(() => null);
    const answer = await session();
    if (answer.outcome === "ok") return goOn();
    refused.textContent =
      answer.outcome === "signed-out" ? "This code was not taken. Wait for the next one and try again." : "The server cannot be reached. Try again in a moment.";
  });
  second.querySelector("[data-back]").addEventListener("click", () => show(false));

  function goOn() {
    form.elements.password.value = "";
    second.reset();
    show(false);
    dialog.close();
    desk.surface?.focus();
    sync.retry();
  }
}

/* The normal sign-in page answers scripts in JSON. Returns what went wrong, or nothing. */
async function signIn(form) {
  await fetch(form.action, { headers: { "X-Requested-With": "XMLHttpRequest", Accept: "application/json" }, cache: "no-store" }).catch(() => null);
  let response;
  try {
    response = await post(form);
  } catch {
    return "The server cannot be reached. Try again in a moment.";
  }
  if (response.ok || response.type === "opaqueredirect") return "";
  const said = await response.json().catch(() => null);
  const errors = [...(said?.form?.errors ?? []), ...Object.values(said?.form?.fields ?? {}).flatMap((field) => field.errors)];
  return errors.join(" ") || "Signing in did not work. Try again, or use the link below.";
}

function post(form) {
  const headers = { "X-CSRFToken": token(), "X-Requested-With": "XMLHttpRequest", Accept: "application/json" };
  return fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers, redirect: "manual" });
}
