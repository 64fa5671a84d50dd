"""A real browser for the tests: fixtures `site`, `visitor`, `page`.

`site` is the address of a running server with the test database; `visitor(...)` opens a page for one
person in a context of their own; what fails silently in a page (script errors, refusals of the content
policy, 5xx answers) fails the test. Without Chromium these tests are skipped, loudly; with CI=true they fail.
"""

import os

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.e2e.browser import FLAGS, WIDE, Troubles, chromium_path

# Playwright keeps an event loop in the main thread; Django would take it for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
os.environ.setdefault("DJANGO_LIVE_TEST_SERVER_ADDRESS", "127.0.0.1")

MISSING = "Chromium is not installed: browser tests did not run. Install it (apt install chromium) or set CHROMIUM."


def pytest_collection_modifyitems(items):
    for item in items:
        if "/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    """One browser for the whole run."""
    path = chromium_path()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    if not (settings.BASE_DIR / "static" / "dist" / "app.css").exists():
        pytest.fail("The front end is not built: run `npm ci && npm run build` (make does it).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(live_server) -> str:
    """The address of the running server, without a slash at its end."""
    return live_server.url


@pytest.fixture
def troubles():
    """What the pages of this test complain of; `troubles.allow(pattern)` expects some of it."""
    collected = Troubles()
    yield collected
    assert collected.unexpected() == []


@pytest.fixture
def visitor(chromium, site, troubles):
    """Open a page: `visitor()` for a stranger, `visitor(person)` for somebody already signed in.

    `size` is (width, height), `theme` "light" or "dark"; more keywords go to the browser context.
    """
    contexts = []

    def open_page(person=None, *, size=WIDE, theme="light", **context_options):
        width, height = size
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion="reduce",
            **context_options,
        )
        contexts.append(context)
        if person is not None:
            context.add_cookies([_session_cookie(person, site)])
        page = context.new_page()
        troubles.watch(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(visitor):
    """One page of a stranger."""
    return visitor()


def _session_cookie(person, site: str) -> dict:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": site}
