/* Plays a writing log: the text as it grew, with long pauses shortened. JavaScript strings count in the same
 * UTF-16 units as the log, so each edit is a slice and a join. */
const SHORTENED = 20; // tenths of a second
const KEYFRAME = 500;
const COLOURED = { pasted: "pasted", dropped: "pasted", quoted: "quoted", moved: "moved" };

for (const section of document.querySelectorAll("[data-replay]")) start(section);
document.addEventListener("htmx:load", ({ detail }) => {
  for (const section of detail.elt.querySelectorAll?.("[data-replay]:not([data-wired])") ?? []) start(section);
});

async function start(section) {
  section.dataset.wired = "";
  const part = (name) => section.querySelector(`[data-replay-${name}]`);
  const answer = await fetch(section.dataset.replay, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) {
    part("text").textContent = "The record could not be fetched. Reload the page to try again.";
    return;
  }
  const film = new Film((await answer.json()).batches);
  if (film.length === 0) {
    part("text").textContent = "No edit has been recorded.";
    return;
  }
  for (const name of ["controls", "graph", "legend"]) part(name).removeAttribute("hidden");
  const slider = part("position");
  slider.max = film.length;
  const show = (position) => {
    slider.value = position;
    part("text").replaceChildren(...film.frame(position));
    const words = film.say(position);
    part("words").textContent = words;
    slider.setAttribute("aria-valuetext", words);
    part("graph").querySelector(".now")?.setAttribute("x1", film.x(position));
    part("graph").querySelector(".now")?.setAttribute("x2", film.x(position));
  };
  draw(part("graph"), film);
  slider.addEventListener("input", () => show(Number(slider.value)));
  player(part("play"), part("speed"), slider, film, show);
  show(film.length);
}

function player(button, speed, slider, film, show) {
  let timer = null;
  const stop = () => {
    clearTimeout(timer);
    timer = null;
    button.textContent = "Play";
  };
  const step = () => {
    const next = Number(slider.value) + 1;
    show(next);
    if (next >= film.length) return stop();
    timer = setTimeout(step, (film.wait(next) * 100) / Number(speed.value));
  };
  button.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(slider.value) >= film.length) show(0);
    button.textContent = "Pause";
    timer = setTimeout(step, 50);
  });
}

/* All edits in order, with the text rebuilt at any position from the nearest keyframe before it. */
class Film {
  constructor(batches) {
    this.edits = batches.flatMap(({ at, edits }) =>
      edits.filter((edit) => edit[4]).map(([field, gap, duration, kind, changes]) => ({ field, gap, duration, kind, changes, at })),
    );
    this.length = this.edits.length;
    this.keyframes = [new Map()];
    this.lengths = [0];
    this.times = [0];
    let fields = new Map();
    let total = 0;
    this.edits.forEach((edit, index) => {
      fields = applied(fields, edit);
      total += Math.min(edit.gap, SHORTENED) + Math.max(edit.duration, 1);
      this.times.push(total);
      this.lengths.push([...fields.values()].reduce((sum, text) => sum + text.length, 0));
      if ((index + 1) % KEYFRAME === 0) this.keyframes.push(fields);
    });
    this.total = total || 1;
    this.top = Math.max(...this.lengths.slice(0, 50_000), 1);
  }

  at(position) {
    const key = Math.floor(position / KEYFRAME);
    let fields = this.keyframes[key];
    for (let index = key * KEYFRAME; index < position; index++) fields = applied(fields, this.edits[index]);
    return fields;
  }

  /* The text as nodes, with what this edit put in marked. */
  frame(position) {
    const fields = this.at(position);
    const edit = this.edits[position - 1];
    const nodes = [];
    for (const [field, text] of fields) {
      if (nodes.length) nodes.push(document.createElement("hr"));
      if (field !== edit?.field) nodes.push(text);
      else nodes.push(...marked(text, edit));
    }
    return nodes;
  }

  wait(position) {
    const edit = this.edits[position];
    return edit ? Math.min(edit.gap, SHORTENED) + edit.duration : 0;
  }

  x(position) {
    return (this.times[position] / this.total) * 1000;
  }

  say(position) {
    const edit = this.edits[position - 1];
    const when = edit ? new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "medium" }).format(new Date(edit.at)) : "";
    const pause = edit && edit.gap > SHORTENED ? `, after a pause of ${Math.round(edit.gap / 10)} s` : "";
    return `${position} of ${this.length}${edit ? `: ${edit.kind}${pause}, ${when}` : ""}`;
  }
}

function applied(fields, { field, changes }) {
  const text = fields.get(field) ?? "";
  const parts = [];
  let position = 0;
  for (const section of changes) {
    if (typeof section === "number") {
      parts.push(text.slice(position, position + section));
      position += section;
    } else {
      const [removed, ...lines] = section;
      parts.push(lines.join("\n"));
      position += removed;
    }
  }
  return new Map(fields).set(field, parts.join(""));
}

function marked(text, { kind, changes }) {
  const nodes = [];
  let position = 0;
  for (const section of changes) {
    const length = typeof section === "number" ? section : section.slice(1).join("\n").length;
    const piece = text.slice(position, position + length);
    position += length;
    if (typeof section === "number") nodes.push(piece);
    else if (piece) {
      const mark = document.createElement("mark");
      mark.className = `origin-${COLOURED[kind] ?? "typed"}`;
      mark.textContent = piece;
      nodes.push(mark);
    }
  }
  return nodes;
}

function draw(svg, film) {
  const step = Math.max(1, Math.floor(film.length / 1000));
  const points = [];
  for (let index = 0; index <= film.length; index += step) {
    points.push(`${film.x(index).toFixed(1)},${(115 - (film.lengths[index] / film.top) * 110).toFixed(1)}`);
  }
  svg.append(shape("polyline", { points: points.join(" "), class: "line" }));
  film.edits.forEach(({ kind }, index) => {
    if (COLOURED[kind]) svg.append(shape("line", { x1: film.x(index + 1), x2: film.x(index + 1), y1: 0, y2: 120, class: `mark origin-${COLOURED[kind]}` }));
  });
  svg.append(shape("line", { x1: 1000, x2: 1000, y1: 0, y2: 120, class: "now" }));
}

function shape(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
