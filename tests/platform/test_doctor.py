"""What `doctor` says of the mail server, of the key for releases and of protected sets."""

import pytest

from config.management.commands.doctor import _mail, _protected_sets, _signing_key
from corpus.keys import key_check
from corpus.models import ProtectedSet
from lib.embedded.ports import free_port

pytestmark = pytest.mark.django_db


def test_without_protected_sets_there_is_nothing_to_mend(settings):
    settings.FINGERPRINT_KEY = ""
    assert _protected_sets().ok


def test_sets_under_the_present_key_are_well():
    ProtectedSet.objects.create(name="bench", gram_version=1, key_check=key_check())
    assert _protected_sets().ok


def test_sets_imported_under_another_key_are_named(settings):
    ProtectedSet.objects.create(name="bench", gram_version=1, key_check=key_check())
    settings.FINGERPRINT_KEY = "quite-another-fingerprint-key"
    ProtectedSet.objects.create(name="later", gram_version=1, key_check=key_check())
    found = _protected_sets()
    assert not found.ok
    assert "bench" in found.detail
    assert "later" not in found.detail
    assert "FINGERPRINT_KEY" in found.advice


def test_a_missing_key_is_told(settings):
    ProtectedSet.objects.create(name="bench", gram_version=1, key_check=key_check())
    settings.FINGERPRINT_KEY = ""
    found = _protected_sets()
    assert not found.ok
    assert "no fingerprint key" in found.detail


def test_a_mail_server_that_does_not_answer_is_named(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    found = _mail()
    assert not found.ok
    assert f"127.0.0.1:{settings.EMAIL_PORT}" in found.detail
    assert "EMAIL_URL" in found.advice


def test_without_a_mail_server_doctor_says_where_mail_goes():
    found = _mail()
    assert found.ok
    assert "locmem" in found.detail


def test_a_signing_key_that_cannot_be_read_is_told_before_a_release_needs_it(settings):
    assert _signing_key().ok
    settings.RELEASE_SIGNING_KEY = "-----BEGIN PRIVATE KEY-----\\nMC4C\\n-----END PRIVATE KEY-----"
    found = _signing_key()
    assert not found.ok
    assert "RELEASE_SIGNING_KEY" in found.detail
