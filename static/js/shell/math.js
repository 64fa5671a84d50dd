/* Formulas: lib/markdown.py writes <span class="math inline">…</span> and <div class="math block">…</div>.
 * KaTeX is fetched only by pages that hold one. Editors call typesetMath on their preview. */
import { asset, loadStyle } from "./assets.js";

export function wireMath(root) {
  if (root.querySelector(".math:not([data-done])")) typesetMath(root);
}

export async function typesetMath(root) {
  loadStyle("math-style");
  const { typeset } = await import(asset("math"));
  for (const element of root.querySelectorAll(".math:not([data-done])")) typeset(element);
}
