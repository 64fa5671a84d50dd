/* Versions of the draft: the server's list, and the texts this page had before it was joined with another. */
import { wireTimes } from "../shell/times.js";
import { call } from "./server.js";

export function wireVersions(desk) {
  const dialog = document.getElementById("versions-dialog");
  const list = dialog.querySelector("[data-versions-list]");
  const copies = [];
  desk.journal.copies().then((kept) => copies.push(...kept), () => {});
  desk.on("joined", (fields) => {
    const copy = { at: Date.now(), fields };
    copies.unshift(copy);
    desk.journal.keepCopy(copy);
  });

  document.querySelector("[data-versions-open]").addEventListener("click", () => refresh(desk, list, copies));
  dialog.addEventListener("click", async ({ target }) => {
    const { compare, restore, copy } = target.dataset;
    if (compare) {
      const place = dialog.querySelector(`[data-compared="${compare}"]`);
      place.innerHTML = await fragment(`${desk.url}versions/${compare}/`);
    } else if (restore) {
      const answer = await call(`${desk.url}versions/${restore}/`);
      if (answer.outcome === "ok") bringBack(desk, answer.data.fields, dialog);
      else target.after(" The server could not be reached. Try again in a moment.");
    } else if (copy) bringBack(desk, copies[copy].fields, dialog);
  });
}

async function refresh(desk, list, copies) {
  await desk.sync.flush();
  list.innerHTML = await fragment(`${desk.url}versions/`);
  wireTimes(list);
  copies.forEach(({ at, fields }, index) => {
    const row = document.createElement("p");
    row.className = "cluster";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.dataset.copy = index;
    button.textContent = "Bring back";
    row.append(`This page's own text before it was joined, ${new Date(at).toLocaleString()}: ${Object.values(fields).join(" ").slice(0, 80)}… `, button);
    list.prepend(row);
  });
}

async function fragment(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html", "HX-Request": "true" }, redirect: "error" }).catch(() => null);
  // A refusal says by itself what is the matter.
  if (answer && answer.status < 500) return answer.text();
  return "<p>The versions are on the server, which cannot be reached right now.</p>";
}

/* A change like any other: it is saved, stands in the log and can be taken back. */
function bringBack(desk, fields, dialog) {
  for (const field of desk.surfaces.keys()) desk.replaceText(field, fields[field] ?? "", "restored", "input.restore");
  dialog.close();
  desk.surface.focus();
}
