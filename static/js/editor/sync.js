/* Brings the draft to the server: soon after the last key, again and again until it is there. */
import { call, session } from "./server.js";

const AFTER_LAST_KEY = 600;
const AT_LATEST = 1200;
const RETRY = [500, 1000, 2000, 3000];

export class Sync {
  constructor({ url, person, draft, journal, paused = false }) {
    Object.assign(this, { url, person, draft, journal, paused });
    this.state = "saved"; // saved, saving, unreachable, broken, signed-out, stranger, refused, lapsed, handed-in
    this.failures = 0;
    this.savedAt = null;
    this.firstUnsent = 0;
    this.waiting = [];
    this.onState = () => {};
    this.onJoined = () => {};
    this.onSaved = () => {};
    this.onLease = () => {};
  }

  /* Something changed. */
  poke() {
    const now = performance.now();
    this.firstUnsent ||= now;
    if (this.failures === 0) this.schedule(Math.min(AFTER_LAST_KEY, Math.max(this.firstUnsent + AT_LATEST - now, 0)));
    if (this.state === "saved") this.become("saving");
  }

  /* Send now, and say when everything is there: resolves to true, or to false when it cannot be now. */
  flush() {
    if (this.draft.settled) return Promise.resolve(true);
    this.schedule(0);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  schedule(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }

  async send() {
    if (this.busy) return;
    if (this.paused) return this.schedule(100);
    const taken = this.draft.take();
    if (!taken) return this.settle();
    this.busy = true;
    this.firstUnsent = 0;
    /* On this device first: after a crash the very same batch is sent again, and taken once. */
    const kept = this.journal.checkpoint(this.draft);
    await Promise.race([kept, new Promise((resolve) => setTimeout(resolve, 1000))]);
    const answer = await call(this.url, { json: taken.batch });
    this.busy = false;
    if (this.draft.inflight === taken) await this.learn(answer);
  }

  /* The page may be gone in a moment: no time to wait for the journal, so the batch is noted where writing is
   * immediate, and sent by a request that outlives the page. */
  async sendLeaving() {
    if (this.busy || this.paused) return this.journal.noteUnwritten();
    if (!this.draft.hasWork) return;
    const taken = this.draft.take();
    if (!this.journal.noteLeaving(taken.batch)) return this.schedule(0);
    this.busy = true;
    this.journal.checkpoint(this.draft);
    const answer = await call(this.url, { json: taken.batch, keepalive: true });
    this.busy = false;
    if (this.draft.inflight === taken) await this.learn(answer);
  }

  async learn(answer) {
    if (answer.outcome === "ok") return this.accepted(answer.data);
    if (answer.outcome === "token") return this.renewToken();
    if (answer.outcome === "signed-out") return this.failed("signed-out");
    if (answer.outcome !== "refused") return this.failed(answer.outcome);
    const { code } = answer.data;
    if (code === "draft_is_stale") return this.join(answer.data);
    if (code === "handed_in") return this.stopped("handed-in", answer.data);
    if (code === "log_invalid" || code === "batch_too_large") return this.resend(answer.data);
    return this.stopped("refused", answer.data);
  }

  accepted(data) {
    this.failures = 0;
    this.draft.acknowledge(data.version);
    this.journal.checkpoint(this.draft);
    this.journal.forgetLeaving();
    this.savedAt = new Date(data.saved_at);
    this.onLease(data);
    this.onSaved(data);
    if (!data.held) this.become("lapsed");
    if (!this.draft.settled) return this.schedule(this.waiting.length ? 0 : AFTER_LAST_KEY);
    this.settle();
  }

  settle() {
    this.become(this.state === "lapsed" ? "lapsed" : "saved");
    this.answerWaiting(true);
  }

  answerWaiting(done) {
    for (const resolve of this.waiting.splice(0)) resolve(done);
  }

  /* Try again by itself: within five seconds of the line coming back everything is sent. */
  failed(state) {
    this.failures += 1;
    this.become(state);
    this.answerWaiting(false);
    this.schedule(RETRY[Math.min(this.failures, RETRY.length) - 1]);
  }

  stopped(state, data) {
    this.refusal = data;
    this.become(state);
    this.answerWaiting(false);
  }

  async renewToken() {
    const answer = await session();
    if (answer.outcome === "ok" && answer.data.person !== this.person) return this.failed("stranger");
    if (answer.outcome === "ok") return this.failures++ < 3 ? this.schedule(0) : this.failed("broken");
    this.failed(answer.outcome === "signed-out" ? "signed-out" : "unreachable");
  }

  /* Another tab or device was first: both texts are joined, and the page is told. */
  join(newer) {
    const mine = this.draft.fields();
    const hadWork = !this.draft.settled;
    const changes = this.draft.rebase(newer);
    this.journal.checkpoint(this.draft);
    this.onJoined({ changes, mine, hadWork });
    if (this.draft.settled) return this.settle();
    this.schedule(0);
  }

  /* The server cannot read what we sent: ask for its text and send the difference instead. */
  async resend(refusal) {
    this.failures += 1;
    this.refusal = refusal;
    if (this.failures > 3) return this.stopped("refused", refusal);
    const answer = await call(this.url);
    if (answer.outcome !== "ok") return this.failed(answer.outcome);
    this.draft.startOver(answer.data);
    this.schedule(300);
  }

  /* Ask what the server has: after waking up, coming back, or a word from another tab. */
  async refresh() {
    if (this.busy || this.paused) return;
    const asked = this.draft.base.version;
    const answer = await call(`${this.url}?since=${asked}`);
    if (this.busy || this.draft.base.version !== asked) return;
    if (answer.outcome === "ok") {
      this.onLease(answer.data);
      if (answer.data.state === "submitted" || answer.data.state === "closed") return this.stopped("handed-in", {});
      if (answer.data.version > asked && !this.draft.inflight) this.join(answer.data);
      if (this.failures) this.retry();
      if (!answer.data.held) this.become("lapsed");
    } else if (answer.outcome === "signed-out") this.failed("signed-out");
  }

  retry() {
    this.failures = 0;
    if (this.draft.settled) this.settle();
    else this.schedule(0);
  }

  become(state) {
    this.state = state;
    this.onState(state);
  }
}
