/* The shell of every page. Each module looks for its own data- attributes and does nothing without them;
 * what htmx swaps in later is wired by the same functions. */
import htmx from "htmx.org";
import { wireCharts } from "./shell/charts.js";
import { wireConfirm } from "./shell/confirm.js";
import { wireDialogs } from "./shell/dialogs.js";
import { wireErrors } from "./shell/errors.js";
import { foldOnNarrow } from "./shell/folds.js";
import { wireMath } from "./shell/math.js";
import { wireMenus } from "./shell/menus.js";
import { wireTheme } from "./shell/theme.js";
import { wireTimes } from "./shell/times.js";

window.htmx = htmx; // for the bundles of single pages, which must not bring a second copy

wireTheme();
wireMenus();
wireDialogs();
wireConfirm();
wireErrors();

function wireContent(root) {
  foldOnNarrow(root);
  wireTimes(root);
  wireMath(root);
  wireCharts(root);
}

wireContent(document);
document.addEventListener("htmx:load", (event) => wireContent(event.detail.elt));
