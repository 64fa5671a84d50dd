"""JSON text that every consumer reads the same way: one object a line, no surprises inside.

Sources: RFC 8259 (JSON), RFC 8785 (canonical form for hashing). NeMo cuts records with
`str.splitlines`, so the separators U+0085, U+2028 and U+2029 leave as escapes; the control
characters VT, FF and FS to US are escaped by JSON itself.
"""

from math import isfinite
from typing import Any

import orjson
import rfc8785

_SEPARATORS = (
    (b"\xc2\x85", b"\\u0085"),
    (b"\xe2\x80\xa8", b"\\u2028"),
    (b"\xe2\x80\xa9", b"\\u2029"),
)
# Beyond this, readers that hold numbers as doubles disagree about the value (RFC 8785, appendix D).
LARGEST_EXACT_INTEGER = 2**53 - 1
_STRICT = orjson.OPT_STRICT_INTEGER | orjson.OPT_PASSTHROUGH_SUBCLASS
_LEAVES = frozenset({bool, int, str, type(None)})


def compact(value: Any) -> str:
    """JSON text on one line, keys in the order in which they stand."""
    return _escaped(orjson.dumps(value)).decode()


def line(value: Any) -> bytes:
    """One line of a JSON Lines file, keys in the order in which they stand, ended by LF."""
    return _escaped(orjson.dumps(value)) + b"\n"


def document(value: Any) -> bytes:
    """A small JSON file for people and machines: indented, keys sorted, ended by LF."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return _escaped(orjson.dumps(value, option=options))


def canonical(value: Any) -> bytes:
    """The canonical form (RFC 8785) that digests are taken over."""
    if _is_plain(value):
        try:
            # Without fractions and with keys of ASCII alone, sorted JSON is the canonical form.
            return orjson.dumps(value, option=_STRICT | orjson.OPT_SORT_KEYS)
        except TypeError:
            pass  # rfc8785 says what is wrong.
    return rfc8785.dumps(value)


def _is_plain(value: Any, *, fractions: bool = False) -> bool:
    """Whether there are dicts with keys of ASCII, lists, texts, integers, true, false, null alone.

    With `fractions`, finite ones may be there as well.
    """
    waiting = [value]
    while waiting:
        part = waiting.pop()
        kind = type(part)
        if kind is dict:
            if not all(type(key) is str and key.isascii() for key in part):
                return False
            waiting.extend(part.values())
        elif kind is list:
            waiting.extend(part)
        elif kind not in _LEAVES and not (fractions and kind is float and isfinite(part)):
            return False
    return True


def fault(value: Any) -> str | None:
    """Why `value` cannot leave as JSON that all readers agree on, or None.

    Found: numbers that are not finite, integers that doubles cannot hold, and surrogates without
    their partner (no UTF-8 exists for them).
    """
    return None if _is_safe(value) else _found_fault(value, "")


def _is_safe(value: Any) -> bool:
    """The same question without the words; a no may be wrong, a yes is not."""
    try:
        orjson.dumps(value, option=_STRICT)
    except TypeError:
        return False
    return _is_plain(value, fractions=True)


def _found_fault(value: Any, path: str) -> str | None:
    match value:
        case bool() | None:
            return None
        case str():
            return None if _encodable(value) else f"{path or 'text'} holds half of a surrogate pair"
        case float():
            return None if abs(value) < float("inf") else f"{path} is not a finite number"
        case int():
            fits = abs(value) <= LARGEST_EXACT_INTEGER
            return None if fits else f"{path} is an integer beyond 2^53, which readers round"
        case dict():
            parts = [(f"{path}.{key}" if path else str(key), part) for key, part in value.items()]
            keys = (_found_fault(key, f"a key of {path or 'the record'}") for key in value)
            found = next((reason for reason in keys if reason), None)
            return found or _first_fault(parts)
        case list() | tuple():
            return _first_fault([(f"{path}[{i}]", part) for i, part in enumerate(value)])
        case _:
            return f"{path} is a {type(value).__name__}, which JSON does not know"


def _first_fault(parts: list[tuple[str, Any]]) -> str | None:
    return next((reason for path, part in parts if (reason := _found_fault(part, path))), None)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _escaped(data: bytes) -> bytes:
    if data.isascii():
        return data
    # Inside JSON these byte sequences stand in strings only, so a plain replacement is exact.
    for raw, escape in _SEPARATORS:
        if raw in data:
            data = data.replace(raw, escape)
    return data
