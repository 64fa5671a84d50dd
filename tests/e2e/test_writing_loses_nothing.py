"""Nothing that was typed is ever lost: each way in which a page, a line, a session or a server can go."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from playwright.sync_api import expect

from annotation.models import Assignment
from annotation.services.claim import take
from tests.e2e.browser import FLAGS, PASSWORD, chromium_path
from tests.e2e.conftest import _session_cookie
from tests.factories.annotation import InstructionFactory, ProjectVersionFactory, TaskFactory
from tests.factories.experts import DomainFactory, person_with

FIRST = "The first half, typed before anything went wrong. "
SECOND = "The second half, typed while it was wrong."
BOTH = FIRST + SECOND
# What a browser says of requests that fail, which is what these tests are about.
OFFLINE = r"ERR_|Failed to load resource|answer 5\d\d|net::"


@pytest.fixture
def desk(transactional_db):
    """A task in the hands of a writer who can sign in."""
    domain = DomainFactory()
    project = ProjectVersionFactory().project
    writer = person_with(project, "writer", domain=domain)
    EmailAddress.objects.create(user=writer, email=writer.email, verified=True, primary=True)
    task = TaskFactory(instruction=InstructionFactory(project=project, domain=domain))
    take(person=writer, task_id=task.pk)
    return writer, task


@pytest.fixture
def open_task(visitor, site, desk, troubles):
    """Opens the writing page in a context of its own; a question on leaving fails the test."""
    writer, task = desk
    troubles.allow(OFFLINE)

    def open_page(**options):
        page = visitor(writer, **options)
        return go(page, f"{site}/write/{task.pk}/")

    return open_page


def go(page, url):
    page.on("dialog", lambda dialog: pytest.fail(f"a question on leaving: {dialog.message}"))
    page.goto(url)
    ready(page)
    return page


def ready(page):
    expect(page.get_by_label("Response")).to_be_visible()
    expect(page.locator("[data-save-times]")).not_to_be_empty()


def write(page, text):
    page.get_by_label("Response").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def saved(page, timeout=10_000):
    expect(page.get_by_role("status")).to_have_text("Saved", timeout=timeout)


def text_in(page):
    return page.get_by_label("Response").evaluate(
        "e => [...e.querySelectorAll('.cm-line')].map(l => l.textContent).join('\\n')"
    )


def kept(task):
    return Assignment.objects.get(task=task).fields.get("response", "")


def test_reload_at_once(open_task, desk):
    page = open_task()
    write(page, BOTH)
    page.reload()
    ready(page)
    expect(page.get_by_label("Response")).to_have_text(BOTH)
    saved(page)
    assert kept(desk[1]) == BOTH


def test_tab_closed_at_once(open_task, desk):
    page = open_task()
    write(page, BOTH)
    context = page.context
    page.close()
    again = go(context.new_page(), page.url)
    expect(again.get_by_label("Response")).to_have_text(BOTH)
    saved(again)
    assert kept(desk[1]) == BOTH


def test_back_and_forward(open_task, site):
    page = open_task()
    write(page, BOTH)
    page.goto(f"{site}/write/")
    page.go_back()
    ready(page)
    expect(page.get_by_label("Response")).to_have_text(BOTH)


def test_offline_for_the_second_half(open_task, desk):
    page = open_task()
    write(page, FIRST)
    saved(page)
    page.context.set_offline(True)
    write(page, SECOND)
    expect(page.get_by_role("status")).to_have_text(re.compile("Offline"), timeout=10_000)
    page.context.set_offline(False)
    saved(page, timeout=5000)
    assert kept(desk[1]) == BOTH


def test_offline_and_closed_without_another_key(open_task, desk):
    page = open_task()
    write(page, FIRST)
    saved(page)
    context = page.context
    context.set_offline(True)
    write(page, SECOND)
    page.wait_for_timeout(300)
    page.close()
    context.set_offline(False)
    again = go(context.new_page(), page.url)
    expect(again.get_by_label("Response")).to_have_text(BOTH)
    saved(again)
    assert kept(desk[1]) == BOTH


def test_reload_while_offline(open_task, desk):
    page = open_task()
    write(page, FIRST)
    saved(page)
    page.context.set_offline(True)
    write(page, SECOND)
    url = page.url
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()
    page.context.set_offline(False)
    page.goto(url)
    ready(page)
    expect(page.get_by_label("Response")).to_have_text(BOTH)
    saved(page)
    assert kept(desk[1]) == BOTH


def test_session_ends_and_is_taken_up_in_place(open_task, desk):
    page = open_task()
    write(page, FIRST)
    saved(page)
    Session.objects.all().delete()
    write(page, SECOND)
    dialog = page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_be_visible(timeout=10_000)
    dialog.get_by_role("button", name="Later, keep writing").click()
    write(page, " And more.")
    page.get_by_role("button", name="Sign in", exact=True).click()
    dialog.get_by_label("Password").fill("not this one")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    saved(page)
    assert kept(desk[1]) == BOTH + " And more."
    page.get_by_role("button", name="Submit for review").click()
    page.wait_for_url("**/write/")


def test_session_ends_and_the_second_step_is_taken_in_place(open_task, desk):
    secret = generate_totp_secret()
    TOTP.activate(desk[0], secret)
    page = open_task()
    write(page, FIRST)
    saved(page)
    Session.objects.all().delete()
    write(page, SECOND)
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    dialog.get_by_label("Code").fill("000000")
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog.get_by_role("alert").filter(has_text="not taken")).to_be_visible()
    dialog.get_by_label("Code").fill(
        format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    )
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog).to_be_hidden()
    saved(page)
    assert text_in(page) == BOTH
    assert kept(desk[1]) == BOTH
    write(page, "!")
    saved(page)
    assert kept(desk[1]) == BOTH + "!"


def test_session_ends_and_is_taken_up_by_a_new_tab(open_task, desk):
    """Single sign-on and passkeys: the way leads over another tab, and this page goes on by itself."""
    page = open_task()
    write(page, FIRST)
    saved(page)
    Session.objects.all().delete()
    write(page, SECOND)
    dialog = page.get_by_role("dialog", name="Sign in again")
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="Sign in in a new tab").click()
    tab = opened.value
    tab.get_by_label("E-mail").fill(desk[0].email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    tab.wait_for_url(lambda where: "/accounts/" not in where)
    tab.close()
    page.bring_to_front()
    saved(page)
    expect(dialog).to_be_hidden()
    assert text_in(page) == BOTH
    assert kept(desk[1]) == BOTH


def test_session_and_cookies_gone_and_signed_in_in_the_same_tab(open_task, desk, site):
    page = open_task()
    write(page, FIRST)
    saved(page)
    page.context.clear_cookies()
    write(page, SECOND)
    expect(page.get_by_role("dialog", name="Sign in again")).to_be_visible(timeout=10_000)
    url = page.url
    page.goto(f"{site}/accounts/login/?next={url}")
    page.get_by_label("E-mail").fill(desk[0].email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda where: "/accounts/" not in where)
    page.goto(url)
    ready(page)
    expect(page.get_by_label("Response")).to_have_text(BOTH)
    saved(page)
    assert kept(desk[1]) == BOTH


def test_two_tabs_a_half_in_each(open_task, desk):
    one = open_task()
    two = go(one.context.new_page(), one.url)
    expect(one.get_by_text("Open in another tab too")).to_be_visible()
    expect(two.get_by_text("Open in another tab too")).to_be_visible()
    write(one, FIRST)
    two.bring_to_front()
    expect(two.get_by_label("Response")).to_have_text(FIRST.strip(), timeout=10_000)
    write(two, SECOND)
    saved(two)
    expect(one.get_by_label("Response")).to_have_text(BOTH, timeout=10_000)
    assert kept(desk[1]) == BOTH


def test_two_devices_that_write_at_the_same_time(open_task, desk):
    one, two = open_task(), open_task()
    one.context.set_offline(True)
    write(one, FIRST)
    write(two, SECOND)
    saved(two)
    one.context.set_offline(False)
    saved(one)
    expect(one.get_by_text("Changed in two places")).to_be_visible()
    both = kept(desk[1])
    assert FIRST in both
    assert SECOND in both
    assert len(both) == len(BOTH)
    two.evaluate("dispatchEvent(new Event('focus'))")
    expect(two.get_by_label("Response")).to_have_text(both.strip())
    write(two, "!")
    saved(two)
    assert len(kept(desk[1])) == len(both) + 1


def test_the_own_text_before_a_join_is_there_after_the_page_was_closed(open_task, desk):
    one, two = open_task(), open_task()
    one.context.set_offline(True)
    write(one, FIRST)
    write(two, SECOND)
    saved(two)
    one.context.set_offline(False)
    saved(one)
    context, url = one.context, one.url
    one.close()
    again = go(context.new_page(), url)
    again.get_by_role("button", name="Versions").click()
    row = again.get_by_text("own text before it was joined")
    expect(row).to_contain_text(FIRST[:40])
    row.get_by_role("button", name="Bring back").click()
    saved(again)
    assert kept(desk[1]) == FIRST


def test_the_clock_is_ten_years_ahead(open_task, desk):
    page = open_task()
    page.context.add_init_script("const now = Date.now; Date.now = () => now() + 315360000000;")
    page.reload()
    ready(page)
    write(page, FIRST)
    saved(page)
    page.context.set_offline(True)
    write(page, SECOND)
    page.wait_for_timeout(300)
    url, context = page.url, page.context
    page.close()
    context.set_offline(False)
    again = go(context.new_page(), url)
    expect(again.get_by_label("Response")).to_have_text(BOTH)
    saved(again)
    assert kept(desk[1]) == BOTH


def test_no_room_left_on_the_device(visitor, desk, site):
    page = visitor(desk[0])
    devtools = page.context.new_cdp_session(page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": site, "quotaSize": 1})
    go(page, f"{site}/write/{desk[1].pk}/")
    write(page, BOTH)
    saved(page)
    expect(page.locator("[data-save-times]")).to_contain_text("no room left")
    assert kept(desk[1]) == BOTH


def test_the_server_answers_500(open_task, desk):
    page = open_task()
    broken = {"left": 3}

    def answer(route):
        broken["left"] -= 1
        if broken["left"] >= 0 and route.request.method == "POST":
            route.fulfill(status=500, body="<h1>Server Error</h1>", content_type="text/html")
        else:
            route.continue_()

    page.route("**/draft/**", answer)
    write(page, BOTH)
    saved(page, timeout=15_000)
    assert kept(desk[1]) == BOTH


def test_handing_in_fails_and_says_so(open_task, desk):
    page = open_task()
    write(page, BOTH)
    saved(page)
    page.route("**/submit/", lambda route: route.fulfill(status=500, body="Server Error"))
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("[data-submit-error]")).to_contain_text("Not handed in")
    assert text_in(page) == BOTH
    desk[1].refresh_from_db()
    assert desk[1].state == "writing"
    page.unroute("**/submit/")
    page.get_by_role("button", name="Submit for review").click()
    page.wait_for_url("**/write/")
    assert desk[1].revisions.get().text == BOTH


def test_the_answer_to_handing_in_is_lost(open_task, desk):
    page = open_task()
    write(page, BOTH)
    saved(page)

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/submit/", lose)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("[data-submit-error]")).to_contain_text("cannot be reached")
    page.unroute("**/submit/")
    page.get_by_role("button", name="Submit for review").click()
    page.wait_for_url("**/write/")
    assert desk[1].revisions.get().text == BOTH


def test_the_time_runs_out_while_writing(open_task, desk):
    from annotation.services.release import lapse_leases

    page = open_task()
    write(page, FIRST)
    saved(page)
    Assignment.objects.update(leased_until="2020-01-01T00:00Z")
    assert lapse_leases() == 1
    write(page, SECOND)
    expect(page.get_by_text("Your time on this task ran out")).to_be_visible(timeout=10_000)
    assert text_in(page) == BOTH
    page.get_by_role("button", name="Take it again").click()
    saved(page)
    assert kept(desk[1]) == BOTH
    page.get_by_role("button", name="Submit for review").click()
    page.wait_for_url("**/write/")


# ---- A server and a browser of their own, to be killed -----------------------------------------------------------


SERVER = """
import sys, django
django.setup()
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import run
from django.core.wsgi import get_wsgi_application
run("127.0.0.1", int(sys.argv[1]), StaticFilesHandler(get_wsgi_application()), threading=True)
"""


@pytest.fixture
def mortal_server(transactional_db):
    """start() runs a server on the test database in a process of its own; kill() ends it without warning."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database = connection.settings_dict
    address = f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
    }
    running = []

    def start():
        command = [sys.executable, "-c", SERVER, str(port)]
        running.append(
            subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.DEVNULL
            )
        )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)
            except OSError:
                time.sleep(0.1)
            else:
                return f"http://127.0.0.1:{port}"
        pytest.fail("the server did not start")

    def kill():
        running[-1].send_signal(signal.SIGKILL)
        running[-1].wait()

    yield start, kill
    for process in running:
        process.kill()
        process.wait()


def test_server_killed_while_saving(chromium, desk, mortal_server):
    start, kill = mortal_server
    site = start()
    context = chromium.new_context()
    context.add_cookies([_session_cookie(desk[0], site)])
    page = go(context.new_page(), f"{site}/write/{desk[1].pk}/")
    write(page, FIRST)
    saved(page)
    with page.expect_request("**/draft/"):
        write(page, SECOND[:10])
    kill()
    write(page, SECOND[10:])
    expect(page.get_by_role("status")).to_have_text(re.compile("Offline"), timeout=10_000)
    start()
    saved(page, timeout=5000)
    assert kept(desk[1]) == BOTH
    kill()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("[data-submit-error]")).to_contain_text("Not handed in")
    start()
    page.get_by_role("button", name="Submit for review").click()
    page.wait_for_url("**/write/")
    context.close()
    assert desk[1].revisions.get().text == BOTH
    assert desk[1].revisions.get().log_complete


# Where a submission is held up until the server is dead: at its first lock, and with all of it written but
# not committed (the event of the move is the last row).
HELD_AT = {
    "first_lock": "LOCK TABLE annotation_task IN EXCLUSIVE MODE",
    "all_but_committed": "LOCK TABLE audit_event IN EXCLUSIVE MODE",
}


@pytest.mark.parametrize("held", HELD_AT.values(), ids=HELD_AT)
def test_server_killed_while_handing_in(chromium, desk, mortal_server, held):
    start, kill = mortal_server
    site = start()
    context = chromium.new_context()
    context.add_cookies([_session_cookie(desk[0], site)])
    page = go(context.new_page(), f"{site}/write/{desk[1].pk}/")
    write(page, BOTH)
    saved(page)
    with transaction.atomic():
        connection.cursor().execute(held)
        page.get_by_role("button", name="Submit for review").click()
        somebody_waits()
        kill()
    expect(page.locator("[data-submit-error]")).to_contain_text("Not handed in")
    assert text_in(page) == BOTH
    desk[1].refresh_from_db()
    assert desk[1].state == "writing"
    assert not desk[1].revisions.exists()
    assert kept(desk[1]) == BOTH
    start()
    page.get_by_role("button", name="Submit for review").click()
    page.wait_for_url("**/write/")
    context.close()
    revision = desk[1].revisions.get()
    assert revision.text == BOTH
    assert revision.log_complete
    desk[1].refresh_from_db()
    assert desk[1].state == "expert_review"


def somebody_waits():
    """Until another connection waits for a lock that this one holds."""
    for _ in range(300):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.1)
    pytest.fail("nothing came to the lock")


def test_browser_killed(chromium, desk, mortal_server, tmp_path):
    site = mortal_server[0]()
    profile = tmp_path / "profile"
    script = f"""
import sys
from playwright.sync_api import expect, sync_playwright
with sync_playwright() as playwright:
    context = playwright.chromium.launch_persistent_context({str(profile)!r}, executable_path={chromium_path()!r}, args={FLAGS!r})
    context.add_cookies([{_session_cookie(desk[0], site)!r} | {{"expires": 4102444800}}])
    page = context.new_page()
    page.goto({f"{site}/write/{desk[1].pk}/"!r})
    expect(page.locator("[data-save-times]")).not_to_be_empty()
    page.get_by_label("Response").click()
    page.keyboard.type({FIRST!r})
    page.wait_for_timeout(2500)
    context.set_offline(True)
    page.keyboard.type({SECOND!r})
    page.wait_for_timeout(500)
    print("typed", flush=True)
    sys.stdin.read()
"""
    first = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert first.stdout.readline().strip() == "typed"
    kill_tree(first.pid)
    first.wait()
    first.stdin.close()
    first.stdout.close()
    for lock in profile.glob("Singleton*"):
        lock.unlink(missing_ok=True)
    script = f"""
from playwright.sync_api import sync_playwright, expect
with sync_playwright() as playwright:
    context = playwright.chromium.launch_persistent_context({str(profile)!r}, executable_path={chromium_path()!r}, args={FLAGS!r})
    context.add_cookies([{_session_cookie(desk[0], site)!r}])
    page = context.new_page()
    page.goto({f"{site}/write/{desk[1].pk}/"!r})
    expect(page.get_by_label("Response")).to_have_text({BOTH!r})
    expect(page.get_by_role("status")).to_have_text("Saved", timeout=10_000)
    context.close()
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert kept(desk[1]) == BOTH


def kill_tree(pid):
    """The process and everything below it, at once and without a word."""
    below = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    children = {}
    for line in below.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    doomed = [pid]
    for member in doomed:
        doomed += children.get(member, [])
    for member in doomed:
        try:
            os.kill(member, signal.SIGKILL)
        except ProcessLookupError:
            continue
