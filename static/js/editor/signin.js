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
    if (answer.outcome === "ok" && answer.data.person === desk.data.person) {
      form.elements.password.value = "";
      dialog.close();
      desk.surface?.focus();
      return sync.retry();
    }
    problem.textContent =
      answer.outcome === "ok"
        ? "This is another person's account. Sign in with your own."
        : "A second step is needed: use the link below, then come back to this page.";
  });
}

/* The normal sign-in page answers scripts in JSON. Returns what went wrong, or nothing. */
async function signIn(form) {
  await fetch(form.action, { headers: { "X-Requested-With": "XMLHttpRequest", Accept: "application/json" }, cache: "no-store" }).catch(() => null);
  const body = new URLSearchParams(new FormData(form));
  let response;
  try {
    response = await fetch(form.action, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": token(), "X-Requested-With": "XMLHttpRequest", Accept: "application/json" },
    });
  } catch {
    return "The server cannot be reached. Try again in a moment.";
  }
  if (response.ok) return "";
  const said = await response.json().catch(() => null);
  const errors = [...(said?.form?.errors ?? []), ...Object.values(said?.form?.fields ?? {}).flatMap((field) => field.errors)];
  return errors.join(" ") || "Signing in did not work. Try again, or use the link below.";
}
