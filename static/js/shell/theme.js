/* The form posts without scripts; with them the colours change at once and the choice is kept for a year. */
const YEAR = 60 * 60 * 24 * 365;

export function wireTheme() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-theme-form]");
    if (!form || !event.submitter) return;
    event.preventDefault();
    choose(event.submitter.value, form);
  });
}

function choose(theme, form) {
  const root = document.documentElement;
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR}; samesite=lax`;
  for (const button of form.querySelectorAll("button[name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}
