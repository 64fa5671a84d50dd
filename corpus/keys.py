"""The hasher under this installation's fingerprint key."""

from functools import lru_cache

from django.conf import settings

from checks.ngrams import Hasher
from corpus.errors import KeyMissing

_CHECK = ("firsthand", "key", "check")


@lru_cache(maxsize=4)
def _hasher(key: str) -> Hasher:
    try:
        return Hasher(key.encode())
    except ValueError as error:
        raise KeyMissing from error


def hasher() -> Hasher:
    """Raises KeyMissing where no usable key is set."""
    return _hasher(settings.FINGERPRINT_KEY)


def key_check() -> int:
    """A number that tells keys apart without telling what they are."""
    return hasher().whole(_CHECK)
