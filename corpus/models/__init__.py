"""Fingerprints of what is known, hashes of what is protected, and what was decided about both."""

from corpus.models.check_run import CheckRun
from corpus.models.fingerprint import Band, Fingerprint, Run
from corpus.models.hit import Hit
from corpus.models.look import Look
from corpus.models.pair import Pair
from corpus.models.protected import ProtectedGram, ProtectedItem, ProtectedSet

__all__ = [
    "Band",
    "CheckRun",
    "Fingerprint",
    "Hit",
    "Look",
    "Pair",
    "ProtectedGram",
    "ProtectedItem",
    "ProtectedSet",
    "Run",
]
