/* <figure data-chart> holds a table; the drawing is added above it, the table stays for those who want numbers. */
import { asset, loadStyle } from "./assets.js";

export async function wireCharts(root) {
  const figures = root.querySelectorAll("figure[data-chart]:not([data-done])");
  if (figures.length === 0) return;
  loadStyle("charts-style");
  const { draw } = await import(asset("charts"));
  for (const figure of figures) draw(figure);
}
