"""Frozen records, the data sets that select them, and the releases that carry them."""

from exports.models.dataset import Dataset, Place
from exports.models.delivery import Delivery, Download
from exports.models.pin import Pin
from exports.models.record import Alternative, PairConsent, Record, Spelling, Unfit, Withdrawal
from exports.models.release import Release, ReleaseFile, ReleaseShard, Shard
from exports.models.tokenizer import Tokenizer

__all__ = [
    "Alternative",
    "Dataset",
    "Delivery",
    "Download",
    "PairConsent",
    "Pin",
    "Place",
    "Record",
    "Release",
    "ReleaseFile",
    "ReleaseShard",
    "Shard",
    "Spelling",
    "Tokenizer",
    "Unfit",
    "Withdrawal",
]
