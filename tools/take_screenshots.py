"""Take the pictures of the documentation from a running demo: `python tools/take_screenshots.py http://127.0.0.1:8000`."""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
TEXT = """The statin may well be the cause: the ache began with the higher dose. A creatine kinase below four
times the limit is no reason to stop for good.

**Find out**

1. Pause atorvastatin for four weeks and ask about the ache again.
2. Check TSH, vitamin D and new medicines that raise statin levels.
3. Start again at 40 mg, or with rosuvastatin 5 mg, and add ezetimibe.

Stop at once and call if the urine turns dark or the legs grow weak.
"""


def main(site: str, chromium: str = "/usr/bin/chromium") -> None:
    """Sign in as the demo writer, take a task, write, and take the picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        _sign_in(page, site, "writer@example.org")
        page.get_by_role("link", name="Write").click()
        page.get_by_role("button", name="Take next task").click()
        page.get_by_label("Response").click()
        page.keyboard.insert_text(TEXT)
        page.get_by_role("status").filter(has_text="Saved").first.wait_for()
        page.wait_for_timeout(1500)  # the checks answer a moment after the save
        IMAGES.mkdir(exist_ok=True)
        page.screenshot(path=IMAGES / "writing.png")
        browser.close()


def _sign_in(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("firsthand-demo")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site}/")


if __name__ == "__main__":
    main(*sys.argv[1:])
