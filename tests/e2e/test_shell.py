"""The shell of every page: entrance, navigation, colours, refusals."""

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from tests.e2e.browser import (
    NARROW,
    NARROWEST,
    axe_violations,
    sideways_scroll,
    sign_in,
    unnamed_controls,
)

ENTRANCE = ["/", "/accounts/login/", "/accounts/password/reset/", "/nothing-here/"]


def test_sign_in_by_the_form_and_out_again(page, site, studio):
    EmailAddress.objects.create(
        user=studio.writer, email=studio.writer.email, verified=True, primary=True
    )
    sign_in(page, site, studio.writer.email)
    page.get_by_role("link", name="Write", exact=True).first.wait_for()
    expect(page.get_by_role("link", name="People")).to_have_count(0)
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_a_wrong_password_keeps_the_address_and_says_so(page, site, studio):
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("E-mail").fill(studio.writer.email)
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value(studio.writer.email)


@pytest.mark.parametrize("scripts", [True, False])
def test_colours_are_chosen_with_and_without_scripts(visitor, site, db, scripts):
    page = visitor(java_script_enabled=scripts)
    page.goto(f"{site}/accounts/login/")
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto(f"{site}/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_first_tab_stop_leads_past_the_header(page, site, db):
    page.goto(f"{site}/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_escape_closes_a_menu_and_gives_the_focus_back(page, site, db):
    page.goto(f"{site}/")
    summary = page.locator("details.menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator("details.menu")).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()


@pytest.mark.parametrize("path", ENTRANCE)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_entrance_pages_are_accessible(visitor, site, db, path, theme):
    page = visitor(theme=theme, size=NARROW)
    page.goto(f"{site}{path}")
    assert axe_violations(page) == []
    assert unnamed_controls(page) == []
    page.set_viewport_size({"width": NARROWEST[0], "height": NARROWEST[1]})
    assert sideways_scroll(page) <= 0
