"""Decimals as the JSON reader inside `datasets` takes them.

That reader (pandas' ujson) multiplies the digits behind the point by a power of ten, so 0.3 comes back
as 0.30000000000000004, while 0.30 comes back as 0.3. Where a file goes through it, a decimal is
spelled so that it comes back as it was; where it also rewrites the file, it keeps ten decimals.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson

_MOST_DECIMALS = 15
_DECIMALS_REWRITTEN = 10
_MOST_DIGITS = 15


def spelled(value: Any) -> Any:
    """`value` with every decimal in a spelling that the reader takes for the same number.

    A number that has no such spelling (very long, very small) is left as it is written everywhere.
    """
    if isinstance(value, float):
        return orjson.Fragment(_spelling(value))
    if isinstance(value, dict):
        return {key: spelled(part) for key, part in value.items()}
    if isinstance(value, list):
        return [spelled(part) for part in value]
    return value


def survive(value: Any) -> bool:
    """Whether every decimal in `value` is the same after the reader has rewritten the file and read it."""
    if isinstance(value, float):
        return _survives(value)
    if isinstance(value, dict):
        return all(survive(part) for part in value.values())
    if isinstance(value, list):
        return all(survive(part) for part in value)
    return True


def _spelling(number: float) -> str:
    written = orjson.dumps(number).decode()
    if number.is_integer():
        return written
    plain = f"{Decimal(written):f}"
    return next((text for text in _spellings(plain) if _read(text) == number), written)


def _spellings(plain: str) -> Iterator[str]:
    """The same number with more and more noughts behind it, then as a whole number and a power of ten."""
    whole, _, decimals = plain.partition(".")
    for length in range(len(decimals), _MOST_DECIMALS + 1):
        yield f"{whole}.{decimals:0<{length}}"
    sign, digits = plain[: plain.startswith("-")], (whole + decimals).lstrip("-0")
    for more in range(_MOST_DIGITS + 1 - len(digits)):
        yield f"{sign}{digits}{'0' * more}e-{len(decimals) + more}"


def _survives(number: float) -> bool:
    written = orjson.dumps(number).decode()
    whole, _, decimals = written.partition(".")
    short = len(decimals) <= _DECIMALS_REWRITTEN and len(whole + decimals) <= _MOST_DIGITS
    return "e" not in written and written != "-0.0" and short and _read(written) == number


def _read(text: str) -> float:
    """The number that the reader makes of a text."""
    digits, _, exponent = text.removeprefix("-").partition("e")
    whole, _, decimals = digits.partition(".")
    decimals = decimals[:_MOST_DECIMALS] or "0"
    number = float(int(whole)) + float(int(decimals)) * float(f"1e-{len(decimals)}")
    return (-number if text.startswith("-") else number) * 10.0 ** int(exponent or 0)
