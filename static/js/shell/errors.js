/* A request of htmx that fails must not fail silently. Refusals (4xx) come as a fragment that is swapped in;
 * the rest is said in the status region, and the page stays as it is. */
import { say } from "./status.js";

export function wireErrors() {
  document.addEventListener("htmx:sendError", () => {
    say("The server could not be reached. Nothing was changed. Try again in a moment.");
  });
  document.addEventListener("htmx:timeout", () => {
    say("The server took too long to answer. Try again in a moment.");
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status < 500) return;
    say("Something went wrong on our side. Your page is as it was. Try again in a moment.");
  });
}
