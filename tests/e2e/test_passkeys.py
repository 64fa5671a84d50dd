"""A passkey from adding it to signing in with it and removing it, in a browser with an authenticator of its own."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from tests.e2e.browser import PASSWORD, axe_violations, sign_in

# A browser speaks of passkeys to hosts with a name only; on this machine it takes http for safe.
HOST = "localhost"


@pytest.fixture
def named(site):
    """The address of the site by a name."""
    return site.replace("127.0.0.1", HOST)


@pytest.fixture
def person(studio):
    EmailAddress.objects.create(
        user=studio.writer, email=studio.writer.email, verified=True, primary=True
    )
    return studio.writer


def give_authenticator(page):
    """Plug a virtual key into the browser that keeps passkeys and recognises its owner."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def add_passkey(page, named):
    page.goto(f"{named}/accounts/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name of this key").fill("Laptop")
    page.get_by_label("Passkey: sign in with it alone").check()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/2fa/recovery-codes/**")


def sign_out(page):
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def give_password(page, named, person):
    page.goto(f"{named}/accounts/login/")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_added_signed_in_with_and_removed(visitor, named, person):
    page = visitor()
    give_authenticator(page)
    sign_in(page, named, person.email)
    add_passkey(page, named)
    sign_out(page)

    # The passkey alone: no address, no password.
    page.goto(f"{named}/accounts/login/")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url(f"{named}/")
    sign_out(page)

    # After the password it is the second step.
    give_password(page, named, person)
    page.wait_for_url("**/accounts/2fa/authenticate/**")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Use a passkey or security key").click()
    page.wait_for_url(f"{named}/")

    # Removed, it is asked for no more.
    page.goto(f"{named}/accounts/2fa/webauthn/")
    assert axe_violations(page) == []
    page.get_by_role("link", name="Remove Laptop").click()
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Remove the key").click()
    page.wait_for_url("**/accounts/2fa/**")
    assert not Authenticator.objects.filter(user=person, type="webauthn").exists()
    sign_out(page)
    give_password(page, named, person)
    page.wait_for_url(f"{named}/")


def test_key_of_somebody_else_opens_nothing(visitor, named, person):
    """A browser with a passkey that this site has never seen: it stays at the entrance and says so."""
    page = visitor()
    give_authenticator(page)
    sign_in(page, named, person.email)
    add_passkey(page, named)
    sign_out(page)
    Authenticator.objects.filter(user=person, type="webauthn").delete()
    page.goto(f"{named}/accounts/login/")
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_text("This code or key does not open the account.")).to_be_visible()
    assert "/accounts/" in page.url
