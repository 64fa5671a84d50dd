/* Calm notices above the box. They never cover it and never take the focus. */
const shown = new Map();

export function banner(name, { kind = "info", title, text, action }) {
  const box = shown.get(name) ?? document.createElement("div");
  const key = JSON.stringify([kind, title, text]);
  if (shown.has(name) && box.dataset.key === key) return;
  box.dataset.key = key;
  box.className = `notice ${kind} plain-notice`;
  box.dataset.banner = name;
  box.replaceChildren();
  if (title) box.append(paragraph(title, "title"));
  const words = paragraph(text);
  box.append(words);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.textContent = action[0];
    button.addEventListener("click", action[1]);
    words.append(" ", button);
  }
  if (!shown.has(name)) {
    shown.set(name, box);
    document.querySelector("[data-banners]").append(box);
    box.setAttribute("aria-live", "polite");
  }
}

export function dropBanner(name) {
  shown.get(name)?.remove();
  shown.delete(name);
}

function paragraph(text, className = "") {
  const element = document.createElement("div");
  element.className = className;
  element.textContent = text;
  return element;
}
