"""Second factors, recovery codes, sessions, and sign-in through an organisation."""

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from audit.models import Event
from experts.models import User
from experts.services.people import create_person
from experts.templatetags.browsers import browser

PASSWORD = "a-long-enough-secret"
PROVIDER = Path(__file__).with_name("oidc_provider.py")


@pytest.fixture(autouse=True)
def no_memory_of_attempts():
    cache.clear()


@pytest.fixture
def person(db):
    return create_person(email="doctor@example.org", password=PASSWORD)[0]


def sign_in(client):
    return client.post(
        reverse("account_login"), {"login": "doctor@example.org", "password": PASSWORD}
    )


def signed_in(client):
    return "_auth_user_id" in client.session


# --- second factor


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_password_alone_does_not_pass_a_second_factor(person, client):
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    answer = sign_in(client)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not signed_in(client)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not signed_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert signed_in(client)


def test_recovery_code_works_once(person, client):
    TOTP.activate(person, generate_totp_secret())
    code = RecoveryCodes.activate(person).get_unused_codes()[0]
    for passes in (True, False):
        stranger = Client()
        sign_in(stranger)
        stranger.post(reverse("mfa_authenticate"), {"code": code})
        assert signed_in(stranger) is passes


def test_sessions_are_listed_and_can_be_ended(person, client):
    here, elsewhere = client, Client()
    sign_in(elsewhere)
    sign_in(here)
    assert UserSession.objects.filter(user=person).count() == 2
    assert here.get(reverse("usersessions_list")).status_code == 200
    here.post(reverse("usersessions_list"))
    assert here.get(reverse("people:inbox")).status_code == 200
    assert elsewhere.get(reverse("people:inbox")).status_code == 302


def test_password_reset_is_mailed_and_tells_strangers_nothing(person, client, mailoutbox):
    for address in ("doctor@example.org", "nobody@example.org"):
        answer = client.post(reverse("account_reset_password"), {"email": address})
        assert answer["Location"] == reverse("account_reset_password_done")
    assert "doctor@example.org" in [to for one in mailoutbox for to in one.to]


# --- through an organisation


@pytest.fixture
def organisation(settings):
    started = []

    def start(email, verified="verified"):
        process = subprocess.Popen(
            [sys.executable, str(PROVIDER), email, verified], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        address = process.stdout.readline().strip()
        app = {
            "provider_id": "organisation", "name": "Organisation", "client_id": "firsthand",
            "secret": "a-shared-secret", "settings": {"server_url": address},
        }  # fmt: skip
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
        }

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def location_of(address):
    """Where the provider sends the browser."""
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.build_opener(_Stay).open(address)
    found = answer.value.headers["Location"]
    answer.value.close()
    return found


def through_the_organisation(client):
    answer = client.post(reverse("openid_connect_login", args=["organisation"]))
    assert answer.status_code == 302
    return client.get(location_of(answer["Location"]))


def test_organisation_opens_the_account_with_the_verified_address(person, client, organisation):
    organisation("Doctor@example.org")
    through_the_organisation(client)
    assert client.session["_auth_user_id"] == str(person.pk)
    assert person.socialaccount_set.get().provider == "organisation"


@pytest.mark.parametrize(
    ("email", "verified"),
    [("stranger@example.org", "verified"), ("doctor@example.org", "unverified")],
)
def test_organisation_opens_nothing_without_invitation_or_verified_address(
    person, client, organisation, email, verified
):
    organisation(email, verified)
    through_the_organisation(client)
    assert not signed_in(client)
    assert User.objects.count() == 1
    assert not person.socialaccount_set.exists()


def test_one_session_can_be_ended_and_no_other(person, client):
    elsewhere, third = Client(), Client()
    for one in (client, elsewhere, third):
        sign_in(one)
    there = UserSession.objects.get(session_key=elsewhere.session.session_key)
    page = client.get(reverse("usersessions_list")).content.decode()
    assert reverse("people:session-end", args=[there.pk]) in page
    client.post(reverse("people:session-end", args=[there.pk]))
    assert elsewhere.get(reverse("people:inbox")).status_code == 302
    for one in (client, third):
        assert one.get(reverse("people:inbox")).status_code == 200
    assert Event.objects.filter(verb="experts.session_ended", actor=person).exists()


def test_nobody_ends_the_session_of_another(person, client, studio):
    sign_in(client)
    pk = UserSession.objects.get(user=person).pk
    stranger = Client()
    stranger.force_login(studio.writer)
    assert stranger.post(reverse("people:session-end", args=[pk])).status_code == 409
    assert signed_in(client)
    assert client.get(reverse("people:inbox")).status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0",
            "Firefox on Windows",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130 Safari/537.36",
            "Chrome on Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537.36 Edg/130", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU like Mac OS X) Version/17 Safari/604.1", "Safari on an iPhone"),
        ("curl/8.0", "curl/8.0"),
        ("", "Unknown"),
    ],
)
def test_sessions_are_named_in_words(user_agent, words):
    assert browser(user_agent) == words


def test_second_step_is_asked_after_the_organisation_too(person, client, organisation):
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    organisation("doctor@example.org")
    answer = through_the_organisation(client)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not signed_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert signed_in(client)
