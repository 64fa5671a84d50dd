"""How a test drives the browser: find it, watch it, wait for it, look at it.

Everything here speaks to Playwright's synchronous pages; the fixtures are in conftest.py.
"""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PASSWORD = "firsthand-demo"
WIDE, NARROW, NARROWEST = (1440, 900), (390, 844), (320, 640)
# Headings inside what people wrote are theirs; everything else follows every rule of axe.
AXE_CONTEXT = {"exclude": [[".prose"], [".cm-scroller"]]}


def chromium_path() -> str | None:
    """Where Chromium is, or None."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    wanted = os.environ.get("CHROMIUM")
    return wanted or next(filter(None, map(shutil.which, names)), None)


@dataclass
class Troubles:
    """What went wrong on a page without the test noticing: it fails the test at its end."""

    seen: list[str] = field(default_factory=list)
    allowed: list[re.Pattern] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Expect troubles that match, such as the failed requests of a test that goes offline."""
        self.allowed.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        return [
            text for text in self.seen if not any(allowed.search(text) for allowed in self.allowed)
        ]

    def watch(self, page: Page) -> None:
        """Collect script errors, console errors (refusals of the content policy are such) and 5xx answers."""
        page.on("pageerror", lambda error: self.seen.append(f"script error: {error}"))
        page.on("console", self._heard)
        page.on("response", self._answered)

    def _heard(self, message) -> None:
        # The browser also reports a refused (4xx) request here; refusals are answers, not faults.
        refused = "the server responded with a status of 4" in message.text
        if message.type == "error" and not refused:
            self.seen.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _answered(self, response) -> None:
        if response.status >= 500:
            self.seen.append(f"answer {response.status}: {response.url}")


def sign_in(page: Page, site: str, email: str, password: str = PASSWORD) -> None:
    """Sign in as a person does, through the form."""
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_have_count(0)
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def settled(page: Page) -> None:
    """Wait until no htmx request or swap is under way."""
    page.wait_for_load_state("load")
    page.wait_for_function(
        "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"
    )


def axe_violations(
    page: Page, *, rules: list[str] | None = None, context: dict | None = None
) -> list[str]:
    """What axe-core finds, one line for each element. `rules` limits it to a few."""
    options = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(
        "([context, options]) => axe.run(context, options).then((results) => results.violations)",
        [context or AXE_CONTEXT, options],
    )
    return [
        f"{violation['id']} ({violation['help']}): {node['html'][:160]} {_why(node)}"
        for violation in found
        for node in violation["nodes"]
    ]


def _why(node: dict) -> str:
    reasons = node["any"] + node["all"] + node["none"]
    return reasons[0]["message"] if reasons else ""


def sideways_scroll(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def unnamed_controls(page: Page) -> list[str]:
    """Buttons, links and fields that a screen reader cannot name."""
    snapshot = page.locator("body").aria_snapshot()
    roles = "button|link|textbox|checkbox|radio|combobox|switch|slider|tab|menuitem"
    return re.findall(rf"^\s*- (?:{roles})(?::|$| \[).*$", snapshot, re.MULTILINE)


def photograph(page: Page, folder: Path, name: str) -> Path:
    """A screenshot of the whole page, for people to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path
