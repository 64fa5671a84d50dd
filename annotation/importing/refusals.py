"""Refused rows as a table that a spreadsheet can open without running anything."""

from annotation.importing.rows import Refusal

COLUMNS = ("line", "field", "reason", "value")
_ACTIVE = ("=", "+", "-", "@", "\t", "\r")


def as_cells(refusal: Refusal) -> list[str]:
    """The cells of one refusal; what a spreadsheet would take for a formula gets an apostrophe before it."""
    return [_inert(str(part)) for part in refusal.as_dict().values()]


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_ACTIVE) else text
