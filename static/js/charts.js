/* Draws the table of a figure with uPlot: first column the x axis (dates, numbers or names), each further column a line.
 *
 *   <figure data-chart="line">          (or "bar")
 *     <figcaption>Responses approved each day</figcaption>
 *     <details class="disclosure"><summary>Show the numbers</summary>
 *       <table class="table compact"> … <td data-value="2026-11-02"> … </table></details>
 *   </figure>
 */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const HEIGHT = 220;
const DAY = 86_400;
const LETTER = 7;
const AXIS = 50;
const WHOLE_STEPS = [1, 2, 5].flatMap((step) => [...Array(9).keys()].map((power) => step * 10 ** power)).sort((a, b) => a - b);
const COLOURS = ["--accent", "--plum", "--warn", "--note", "--good", "--bad"];
const BORDERS = ["solid", "dashed", "dotted", "double", "dotted", "dashed"];
const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3], [1, 2], [10, 4]];

export function draw(figure) {
  figure.dataset.done = "";
  const table = figure.querySelector("table");
  const columns = columnsOf(table);
  if (!columns) return;
  const place = document.createElement("div");
  place.setAttribute("aria-hidden", "true");
  figure.querySelector("figcaption").after(place);
  let plot = null;
  const paint = () => {
    plot?.destroy();
    plot = new uPlot(options(figure, table, columns, place.clientWidth), columns, place);
  };
  paint();
  new ResizeObserver(() => plot.width === place.clientWidth || paint()).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

function columnsOf(table) {
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map(valueOf));
  if (rows.length === 0) return null;
  const columns = rows[0].map((_, column) => rows.map((row) => row[column]));
  return namesOf(table, columns) ? [columns[0].map((_, index) => index), ...columns.slice(1)] : columns;
}

/* The first column, if it holds names; null if it holds numbers or dates. */
function namesOf(table, [first]) {
  if (first.every((value) => value !== null)) return null;
  return [...table.tBodies[0].rows].map((row) => row.cells[0].textContent.trim());
}

function valueOf(cell) {
  const text = (cell.dataset.value ?? cell.textContent).trim();
  if (/^\d{4}-\d\d-\d\d/.test(text)) return Date.parse(text) / 1000;
  const number = Number(text.replaceAll(/[\s,%]/g, ""));
  return text === "" || Number.isNaN(number) ? null : number;
}

function options(figure, table, columns, width) {
  const ink = (name) => resolved(figure, name);
  const headings = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const isTime = /^\d{4}-\d\d/.test(table.tBodies[0].rows[0].cells[0].dataset.value ?? "");
  const axis = { stroke: ink("--ink-soft"), grid: { stroke: ink("--rule"), width: 1 }, ticks: { stroke: ink("--rule") } };
  const bars = figure.dataset.chart.startsWith("bar") ? uPlot.paths.bars({ size: [0.6, 60] }) : undefined;
  const names = namesOf(table, [[...table.tBodies[0].rows].map((row) => valueOf(row.cells[0]))]);
  const named = names && { ...labels(names, width), incrs: [1], values: (_, splits) => splits.map((split) => names[split] ?? "") };
  const whole = columns.slice(1).flat().every(Number.isInteger);
  return {
    width,
    height: HEIGHT + (named?.size ?? 0),
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: { x: { time: isTime, range: withRoom(columns[0], bars ? 0.6 : 0, isTime ? 3 * DAY : 1) }, y: { range: fromZero } },
    axes: [{ ...axis, ...(isTime && { values: days }), ...named }, { ...axis, incrs: whole ? WHOLE_STEPS : undefined }],
    legend: { live: false, show: headings.length > 2, markers: { dash: (_, series) => (bars ? "solid" : BORDERS[(series - 1) % BORDERS.length]) } },
    series: [
      { label: headings[0] },
      ...headings.slice(1).map((label, index) => ({
        label,
        stroke: ink(COLOURS[index % COLOURS.length]),
        fill: bars && ink(COLOURS[index % COLOURS.length]),
        dash: bars ? undefined : DASHES[index % DASHES.length],
        width: 2,
        paths: bars,
        points: { show: !bars },
      })),
    ],
  };
}

/* Days as the table below spells them; the year where it begins. */
function days(_, splits, axis, space, step) {
  const dates = splits.map((seconds) => new Date(seconds * 1000));
  const month = new Intl.DateTimeFormat("en-US", { month: "short", timeZone: "UTC" });
  const years = dates.map((date) => date.getUTCFullYear());
  return dates.map((date, place) => {
    const day = step < 28 * DAY ? `${date.getUTCDate()} ` : "";
    return day + month.format(date) + (years[place] === years[place - 1] ? "" : `\n${years[place]}`);
  });
}

/* Names side by side where there is room; aslant or upright, each below its bar, where there is not. */
function labels(names, width) {
  const longest = LETTER * Math.max(...names.map((name) => name.length));
  const room = (width - AXIS - 10) / names.length;
  if (longest + LETTER < room) return { space: 1 };
  // A slanted name ends below its bar and begins to the left of it, where the drawing may end.
  const whole = names.every((name, place) => 0.65 * LETTER * name.length < AXIS + (place + 0.5) * room);
  return room > 16 && whole ? { space: 1, rotate: 50, size: 20 + 0.77 * longest } : { space: 1, rotate: 90, size: 16 + longest };
}

/* A little room at the sides; around a single value, enough to read where it lies. */
function withRoom(values, side, alone) {
  if (values.length === 1) return [values[0] - alone, values[0] + alone];
  return (_, low, high) => [low - side, high + side];
}

function fromZero(_, low, high) {
  return [Math.min(low, 0), Math.max(high, 1) * 1.05];
}

/* A canvas knows nothing of light-dark(): let the browser compute the colour on an element. */
function resolved(figure, name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  figure.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
