/* Several pages with the same task. Each has a session of its own, held by a lock as long as the page lives. */
import { banner, dropBanner } from "./banners.js";

const lockName = (task, session) => `firsthand-${task}-${session}`;

export async function holdSession(task) {
  const session = crypto.randomUUID ? crypto.randomUUID() : fallbackId();
  navigator.locks?.request(lockName(task, session), () => new Promise(() => {}));
  return session;
}

/* Whether the page with this session is still open. Without locks nobody is thought to be. */
export async function alive(session, task) {
  if (!navigator.locks) return false;
  const { held } = await navigator.locks.query();
  return held.some(({ name }) => name === lockName(task, session));
}

export function wireTabs(desk) {
  if (!window.BroadcastChannel) return;
  const channel = new BroadcastChannel(`firsthand-${desk.data.person}-${desk.data.task}`);
  const others = new Set();
  const tell = (what) => channel.postMessage({ what, session: desk.session, version: desk.draft.base.version });
  channel.onmessage = ({ data }) => {
    if (data.what === "bye") others.delete(data.session);
    else others.add(data.session);
    if (data.what === "hello") tell("here");
    if (data.what === "saved" && data.version > desk.draft.base.version) desk.sync.refresh();
    warn(others.size);
  };
  desk.on("saved", () => tell("saved"));
  addEventListener("pagehide", () => tell("bye"));
  addEventListener("pageshow", (event) => event.persisted && tell("hello"));
  tell("hello");
}

function warn(count) {
  if (!count) return dropBanner("tabs");
  banner("tabs", {
    title: "Open in another tab too",
    text: "You can write in either: each is brought up to date with the other, and nothing is overwritten. It is simplest to close one.",
  });
}

/* Pages without TLS on another machine have no randomUUID. */
function fallbackId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
