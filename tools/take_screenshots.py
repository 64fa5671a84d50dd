"""Take the pictures of the documentation from a demo that was just started, with a first release in it:

manage.py build_release demo --bump major; python tools/take_screenshots.py http://127.0.0.1:8000
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
TEXT = """\
The statin may well be the cause: the ache began with the higher dose. But a creatine kinase below four times the \
limit is no reason to stop for good, and without a statin his stent is at risk.

**Find out**

1. Pause atorvastatin for four weeks and ask about the ache again.
2. Check TSH, vitamin D and new medicines that raise statin levels.
3. Start again at 40 mg, or with rosuvastatin 5 mg, and add ezetimibe.

Stop at once and call if the urine turns dark or the legs grow weak.
"""


def main(site: str, chromium: str = "/usr/bin/chromium") -> None:
    """Write as the demo writer, review as the expert, look at the newest release as the administrator."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        _writing(_signed_in(browser, site, "writer@example.org"))
        _review(_signed_in(browser, site, "expert@example.org"))
        _release(_signed_in(browser, site, "admin@example.org"))
        browser.close()


def _writing(page: Page) -> None:
    page.get_by_role("link", name="Write").click()
    page.get_by_role("button", name="Take next task").click()
    page.get_by_label("Response").click()
    page.keyboard.insert_text(TEXT)
    page.get_by_role("status").filter(has_text="Saved").first.wait_for()
    page.wait_for_timeout(1500)  # the checks answer a moment after the save
    page.screenshot(path=IMAGES / "writing.png")
    page.get_by_role("button", name="Submit for review").click()
    page.get_by_role("status").or_(page.get_by_role("main")).filter(
        has_text="Handed in"
    ).first.wait_for()


def _review(page: Page) -> None:
    """What the writer has just handed in."""
    page.get_by_role("link", name="Review").click()
    page.get_by_role("button", name="Take next review").click()
    page.get_by_role("heading", name="Response").wait_for()
    page.screenshot(path=IMAGES / "review.png")


def _release(page: Page) -> None:
    """The newest release of the demo dataset, which has to be there."""
    page.get_by_role("link", name="Datasets").click()
    page.get_by_role("link", name="Demo dataset").click()
    page.get_by_role("main").get_by_role("link", name="1.0.0").first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / "release.png")


def _signed_in(browser: Browser, site: str, email: str) -> Page:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", timezone_id="UTC"
    )
    page = context.new_page()
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("firsthand-demo")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site}/")
    return page


if __name__ == "__main__":
    main(*sys.argv[1:])
