/* The server writes times in UTC with a machine-readable twin; shown here in the reader's own zone and language. */
const SHAPES = {
  datetime: { dateStyle: "medium", timeStyle: "short" },
  date: { dateStyle: "medium" },
  time: { timeStyle: "short" },
  day: { dateStyle: "medium", timeZone: "UTC" }, // a day without an hour is the same day in every zone
};

export function wireTimes(root) {
  for (const element of root.querySelectorAll("time[data-local]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    const format = new Intl.DateTimeFormat(document.documentElement.lang, SHAPES[element.dataset.local] ?? SHAPES.datetime);
    element.title ||= element.textContent.trim();
    element.textContent = format.format(moment);
  }
}
