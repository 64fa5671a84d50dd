/* <figure data-chart> holds a table; the drawing is added above it, the table stays for those who want numbers. */
import { asset, loadStyle } from "./assets.js";

const WAITING = "figure[data-chart]:not([data-done])";

export async function wireCharts(root) {
  if (!root.querySelector(WAITING)) return;
  loadStyle("charts-style");
  const { draw } = await import(asset("charts"));
  for (const figure of root.querySelectorAll(WAITING)) draw(figure);
}
