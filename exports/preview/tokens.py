"""The control tokens of an uploaded tokenizer, read from its files."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson

from exports import store
from exports.models import Tokenizer
from exports.preview import builtin


def control_tokens(tokenizer: Tokenizer | None) -> frozenset[str]:
    """Texts that this tokenizer, or the built-in one, takes for control tokens."""
    if tokenizer is None:
        return frozenset(builtin.SPECIAL)
    files = tokenizer.files
    return _read(files.get("tokenizer.json", ""), files.get("tokenizer_config.json", ""))


@lru_cache(maxsize=32)
def _read(tokens: str, config: str) -> frozenset[str]:
    listed = [*_entries(_json(tokens).get("added_tokens"))]
    decoder = _json(config).get("added_tokens_decoder")
    listed += _entries(list(decoder.values()) if isinstance(decoder, dict) else [])
    return frozenset(
        content
        for one in listed
        if one.get("special") and isinstance(content := one.get("content"), str)
    )


def _entries(found: Any) -> Iterator[dict[str, Any]]:
    yield from (one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()


def _json(sha256: str) -> dict[str, Any]:
    """A small file of the store as an object; an empty one for what is none."""
    if not sha256:
        return {}
    with store.open_chunk(sha256) as source:
        try:
            found = orjson.loads(source.read())
        except orjson.JSONDecodeError:
            return {}
    return found if isinstance(found, dict) else {}
