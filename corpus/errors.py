"""Refusals of the corpus."""

from lib.errors import Conflict, Invalid


class KeyMissing(Invalid):
    code = "fingerprint_key_missing"
    message = "This installation has no fingerprint key, or one of fewer than 16 characters."
    advice = "Set FINGERPRINT_KEY to a long random text and keep it: it cannot be read back from the data."


class KeyChanged(Conflict):
    code = "fingerprint_key_changed"
    message = "Protected sets were imported under another fingerprint key."
    advice = (
        "Put the former FINGERPRINT_KEY back, or import the protected sets again under this one."
    )


class ReasonNeeded(Invalid):
    code = "reason_needed"
    message = "This needs a reason."
    advice = "Say in a sentence why; it is kept with the decision."


class OwnText(Invalid):
    code = "own_text"
    message = "Somebody who did not write the text has to decide this."
    advice = "Ask another lead of the project."


class UnknownField(Invalid):
    code = "unknown_field"
    message = "The file has no such field."


class UnreadableFile(Invalid):
    code = "unreadable_file"
    message = "This file cannot be read."
    advice = "Give JSON Lines, JSON, CSV, TSV, XLSX or Parquet in UTF-8; gzip is fine."
