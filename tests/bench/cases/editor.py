"""Saving over HTTP by crowds, replaying a long log, and what a keystroke costs in the browser."""

import os
import random
import statistics
import threading
import time
import uuid
from contextlib import contextmanager

import orjson
from django.db import connection
from django.http import HttpResponse
from django.test import Client, LiveServerTestCase, override_settings
from django.urls import path

from annotation.models import LogBatch
from annotation.services.claim import take_next
from annotation.writing_log import Edit, replay
from audit.models import Event
from tests.bench import world
from tests.bench.measure import Row, timed

CROWDS = (1, 8, 32)
SAVES = 320
LOG = 20_000
LONG = 50_000
KEYS = 120
FRAME = 16.7
VISITS = 5
SLOW_LINE = {
    "offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8,
}  # fmt: skip
WORDS = "The dose depends on weight and on the kidneys. "


def rows(size, label):
    """Autosave: a whole request, session included, against a view that does one INSERT for as many people,
    once for anybody and once for who is signed in."""
    place = world.open_tasks(min(size, 1000))
    *people, typist = world.writers(place, max(CROWDS) + 1)
    desks = [_desk(person) for person in people]
    for clients in CROWDS:
        waiting = [desks[number % clients] for number in range(SAVES)]
        with override_settings(ROOT_URLCONF=__name__):
            bare = timed(_one_insert, waiting, clients)
            signed_in = timed(_one_insert_by_person, waiting, clients)
        timing = timed(_save, waiting, clients)
        for case, probe, view in (
            ("autosave.http", "view, one INSERT", bare),
            ("autosave.person", "the same, signed in", signed_in),
        ):
            yield Row.of(
                case, label, timing, probe=probe, probe_timing=view, unit="saves per second"
            )
    yield replaying(label)
    yield from keystrokes(label, typist)


def _insert(request):
    """The least a Django view can do that stores something."""
    Event.objects.create(verb="bench.probe", object_type="bench", object_id="1")
    return HttpResponse(b"{}", content_type="application/json")


def _insert_by_person(request):
    """The least for a person: their session and account are read, as every save has to."""
    Event.objects.create(verb="bench.probe", object_type="bench", object_id="1", actor=request.user)
    return HttpResponse(b"{}", content_type="application/json")


urlpatterns = [path("probe/", _insert), path("probe/person/", _insert_by_person)]


def _one_insert(desk, address="/probe/"):
    answer = desk.client.post(address, data=b"{}", content_type="application/json")
    assert answer.status_code == 200


def _one_insert_by_person(desk):
    _one_insert(desk, "/probe/person/")


class _Desk:
    def __init__(self, client, task):
        self.client, self.task = client, task
        self.session, self.sequence, self.length = str(uuid.uuid4()), 0, 0
        self.lock = threading.Lock()


def _desk(person):
    assignment = take_next(person=person)
    client = Client(headers={"Accept": "application/json"})
    client.force_login(person)
    return _Desk(client, assignment.task_id)


def _save(desk):
    with desk.lock:
        kept = [desk.length] if desk.length else []
        edits = [["response", 3, 12, "typed", [*kept, [0, WORDS]]]]
        body = {"sequence": desk.sequence + 1, "session": desk.session, "edits": edits, "check": {}}
        answer = desk.client.post(
            f"/write/{desk.task}/draft/", data=orjson.dumps(body), content_type="application/json"
        )
        assert answer.status_code == 200, answer.content
        desk.sequence += 1
        desk.length += len(WORDS)


def replaying(label):
    """A log of 20,000 edits in random places, against joining the inserted pieces."""
    chance = random.Random(1)
    edits, length = [], 0
    for _ in range(LOG):
        start = chance.randint(max(0, length - 400), length)
        parts = [part for part in (start, [0, "word "], length - start) if part != 0]
        edits.append(Edit("response", 2, 3, "typed", parts))
        length += 5
    started = time.perf_counter()
    assert len(replay(edits)["response"]) == length
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    assert len("".join("word " for _ in range(LOG))) == length
    probe = time.perf_counter() - started
    return Row(
        case="log.replay", size=label, clients=1, value=LOG / seconds, unit="edits per second",
        p50_ms=seconds * 1000, probe="joining strings", ratio=seconds / probe,
    )  # fmt: skip


# The time from the key to the frame after it is painted, for each key.
_PAINTED = """
selector => new Promise(done => {
  const box = document.querySelector(selector);
  const times = [];
  box.addEventListener("keydown", () => {
    const start = performance.now();
    requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - start)));
  }, { capture: true });
  window.__times = times;
  done();
})
"""


def keystrokes(label, typist):
    """Keys in a response of 50,000 characters, against the same keys in a bare <textarea>."""
    with _browser() as (browser, site):
        if browser is None:
            return
        bare = _bare(browser)
        ours, stored, sent = _ours(browser, site, typist)
    ranked = sorted(ours)
    yield Row(
        case="keystroke", size="50k characters", clients=1,
        value=100 * sum(time <= statistics.median(bare) + FRAME for time in ours) / len(ours),
        unit="% within a frame", p50_ms=statistics.median(ours), p95_ms=ranked[int(len(ranked) * 0.95)],
        probe="bare textarea", ratio=statistics.median(ours) / statistics.median(bare),
    )  # fmt: skip
    yield Row(case="keystroke.stored", size=label, clients=1, value=stored, unit="bytes per key")
    yield Row(case="keystroke.sent", size=label, clients=1, value=sent, unit="bytes per key")


class _Site(LiveServerTestCase):
    """A server whose static files come from WhiteNoise, compressed, as they do in an installation."""

    static_handler = staticmethod(lambda application: application)


@contextmanager
def _browser():
    """(browser, address of a running site), or (None, "") where there is no Chromium."""
    from playwright.sync_api import sync_playwright

    from tests.e2e.browser import FLAGS, chromium_path

    if chromium_path() is None:
        yield None, ""
        return
    # Playwright keeps an event loop in this thread; Django would take it for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with override_settings(WHITENOISE_AUTOREFRESH=True, WHITENOISE_USE_FINDERS=True):
        _Site.setUpClass()
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
                yield browser, _Site.live_server_url
                browser.close()
        finally:
            _Site.tearDownClass()
            with connection.cursor() as cursor:  # the server's threads leave theirs open
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )


_LARGEST_PAINT = """() => new Promise(done => {
  new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true });
})"""
_SHOWN = "() => performance.now()"


def paint(size, label):
    """The writing page over a slow line, nothing in the cache: when its largest part is painted, when the
    editor takes the first key."""
    place = world.open_tasks(min(size, 1000))
    (person,) = world.writers(place, 1)
    task = take_next(person=person).task_id
    painted, ready = [], []
    with _browser() as (browser, site):
        if browser is None:
            return
        for _ in range(VISITS + 1):
            context = _signed_in(browser, site, person)
            page = context.new_page()
            devtools = context.new_cdp_session(page)
            devtools.send("Network.enable")
            devtools.send("Network.emulateNetworkConditions", SLOW_LINE)
            page.goto(f"{site}/write/{task}/", wait_until="commit")
            page.wait_for_selector(".cm-content", timeout=60_000)
            ready.append(page.evaluate(_SHOWN))
            painted.append(page.evaluate(_LARGEST_PAINT))
            context.close()
    # The first visit finds templates and files unread on the server.
    for case, times in (("page.paint", painted[1:]), ("page.editor", ready[1:])):
        yield Row(
            case=case, size=label, clients=1, value=statistics.median(times) / 1000,
            unit="seconds", p50_ms=statistics.median(times), p95_ms=max(times),
        )  # fmt: skip


def _bare(browser):
    page = browser.new_page()
    page.set_content("<textarea rows=30 cols=80></textarea>")
    box = page.locator("textarea")
    box.fill((WORDS * 2000)[:LONG])
    return _typed(page, box, "textarea")


def _ours(browser, site, person):
    assignment = take_next(person=person)
    page = _signed_in(browser, site, person).new_page()
    page.goto(f"{site}/write/{assignment.task_id}/")
    box = page.get_by_label("Response")
    box.fill("\n".join([WORDS * 10] * (LONG // (len(WORDS) * 10))))
    page.wait_for_timeout(3000)
    before = LogBatch.objects.filter(assignment=assignment).count()
    sent = []
    page.on(
        "request",
        lambda request: (
            sent.append(len(request.post_data or "")) if "/draft/" in request.url else None
        ),
    )
    times = _typed(page, box, ".cm-content")
    page.wait_for_timeout(3000)
    batches = LogBatch.objects.filter(assignment=assignment).order_by("sequence")[before:]
    stored = sum(len(batch.payload) for batch in batches)
    return times, stored / KEYS, sum(sent) / KEYS


def _signed_in(browser, site, person):
    client = Client()
    client.force_login(person)
    context = browser.new_context()
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}]
    )
    return context


def _typed(page, box, selector):
    box.click()
    page.keyboard.press("Control+End")
    page.evaluate(_PAINTED, selector)
    page.keyboard.type((WORDS * 4)[:KEYS], delay=60)
    page.wait_for_timeout(300)
    return page.evaluate("window.__times")
