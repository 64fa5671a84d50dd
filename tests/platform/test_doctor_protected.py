"""What `doctor` says of protected sets: usable, of another key, or without any key."""

import pytest

from config.management.commands.doctor import _protected_sets
from corpus.keys import key_check
from corpus.models import ProtectedSet

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
