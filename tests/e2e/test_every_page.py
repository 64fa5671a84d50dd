"""Every page, as every kind of person: accessible in both colour schemes, narrow and wide, and without faults.

The test follows every link from the home page and looks at one page of each kind (URL name). Set
SCREENSHOTS=<folder> to keep pictures of all of them.
"""

import os
from collections import deque
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pytest
from django.core.management import call_command
from django.urls import Resolver404, resolve
from playwright.sync_api import Error as PlaywrightError

from experts.models import User
from tests.e2e.browser import (
    NARROW,
    NARROWEST,
    WIDE,
    axe_violations,
    photograph,
    settled,
    sideways_scroll,
    unnamed_controls,
)

PEOPLE = {
    "stranger": None,
    "writer": "writer@example.org",
    "expert": "expert@example.org",
    "format": "format@example.org",
    "administrator": "admin@example.org",
}
ELSEWHERE = ("/static/", "/api/", "/accounts/logout/", "/healthz", "/readyz")
# Colours are the only thing that the dark scheme can break.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
LOOKS = (
    (WIDE, "light", None),
    (WIDE, "dark", COLOUR_RULES),
    (NARROW, "dark", COLOUR_RULES),
    (NARROW, "light", None),
)
# Pages that show the same to everybody are looked at once, as the writer.
ALIKE = ("account_", "mfa_", "usersessions_")
MOST_PAGES = 80


@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_is_sound(visitor, site, who):
    call_command("load_demo", verbosity=0)
    person = User.objects.get(email=PEOPLE[who]) if PEOPLE[who] else None
    page = visitor(person)
    faults = []
    for name, url, status in pages_reachable_by(page, site, who):
        found = faults_of(page, f"{who}-{name.replace(':', '-')}")
        if status >= 400:
            found = [f"a link leads here, and the answer is {status}"]
        faults += [f"{name} {url.removeprefix(site)}: {fault}" for fault in found]
    assert not faults, "\n".join(faults)


def pages_reachable_by(page, site, who):
    """Open each kind of page that links lead to, once: (URL name, address, status of the answer)."""
    waiting, seen = deque([f"{site}/"]), set()
    while waiting and len(seen) < MOST_PAGES:
        url = urldefrag(waiting.popleft()).url
        name = kind_of(url, site)
        if name is None or name in seen or (name.startswith(ALIKE) and who != "writer"):
            continue
        seen.add(name)
        try:
            answer = page.goto(url)
        except PlaywrightError as error:
            if "Download is starting" in error.message:
                continue
            raise
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        settled(page)
        links = page.locator("a[href]").evaluate_all("links => links.map(link => link.href)")
        waiting.extend(links)
        yield name, url, answer.status


def kind_of(url, site):
    """The name of the page, or None for what is no page of ours."""
    path = urlsplit(url).path
    if not url.startswith(f"{site}/") or path.startswith(ELSEWHERE):
        return None
    try:
        return resolve(path).view_name
    except Resolver404:
        return f"broken link: {path}"


# What reaches furthest to the right, innermost first.
WIDEST = """() => {
  const reach = element => element.getBoundingClientRect().right;
  const all = [...document.querySelectorAll("main *")].filter(element => reach(element) > innerWidth);
  return all.slice(-3).reverse().map(element => element.outerHTML.slice(0, 120)).join(" … ");
}"""


def faults_of(page, name):
    """All that is wrong with the page that is open."""
    faults = [f"has no name: {control}" for control in unnamed_controls(page)]
    for size, theme, rules in LOOKS:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=theme)
        faults += [f"{size[0]} {theme}: {fault}" for fault in axe_violations(page, rules=rules)]
        if folder := os.environ.get("SCREENSHOTS"):
            photograph(page, Path(folder), f"{name}-{size[0]}-{theme}")
    page.set_viewport_size({"width": NARROWEST[0], "height": NARROWEST[1]})
    if (over := sideways_scroll(page)) > 0:
        faults.append(
            f"is {over} pixels wider than a window of {NARROWEST[0]}: {page.evaluate(WIDEST)}"
        )
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.emulate_media(color_scheme="light")
    return faults
