"""Where a value stands inside a record: `question`, `metadata.field`, `instances[].input`.

`[]` means every element of a list. A record is taken apart at one such place, and gives one instruction
for each element there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from annotation.importing.rows import excerpt

_MOST_COLUMNS = 200
_DEEPEST = 4
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def value_at(values: Any, path: str) -> Any:
    """The value at `path`, None where there is none; below `[]` a list of what each element holds."""
    # The usual record is a plain dict, which spares the slower question whether it is some mapping.
    if (type(values) is dict or isinstance(values, Mapping)) and path in values:
        return values[path]  # also a name that has dots in itself
    head, listed, rest = path.partition("[].")
    if listed:
        inner = value_at(values, head)
        if not isinstance(inner, list):
            return None
        return [found for element in inner if (found := value_at(element, rest)) is not None]
    for name in path.removesuffix("[]").split("."):
        if isinstance(values, Mapping):
            values = values.get(name)
        elif isinstance(values, list) and name.isdecimal() and int(name) < len(values):
            values = values[int(name)]
        else:
            return None
    return values


def split_place(paths: Sequence[str]) -> str:
    """The list at which records are taken apart, because one of these paths goes through it; or nothing."""
    return next((path.partition("[]")[0] for path in paths if "[]" in path), "")


def elements(values: Mapping[str, Any], place: str) -> Iterator[Mapping[str, Any]]:
    """The record once for each element of the list at `place`, which then stands as a single element there."""
    found = value_at(values, place)
    if not isinstance(found, list):
        yield values
        return
    for element in found:
        yield replaced(values, place.split("."), [element])


def replaced(values: Mapping[str, Any], names: Sequence[str], value: Any) -> Mapping[str, Any]:
    """A copy of the record with another value at that place."""
    first, *rest = names
    inner = values.get(first)
    return {
        **values,
        first: replaced(inner, rest, value) if rest and isinstance(inner, Mapping) else value,
    }


def columns_of(samples: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All paths that occur in the samples, each with the first value that is not empty."""
    found: dict[str, Any] = {}
    for sample in samples:
        for path, value in _walk(sample, "", 0):
            if len(found) < _MOST_COLUMNS and (path not in found or found[path] in _EMPTY):
                found[path] = value
    return found


def with_values(columns: Mapping[str, Any]) -> list[str]:
    """The paths that were seen with more than nothing in them, and that can be stored as they are."""
    return [
        path for path, value in columns.items() if value not in _EMPTY and path == excerpt(path)
    ]


def unseen(record: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """The paths of a record that are not `known` and have something in them, each with its value."""
    return {
        path: value
        for path, value in _walk(record, "", 0)
        if path not in known and value not in _EMPTY
    }


def _walk(values: Mapping[str, Any], before: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        path = f"{before}{name}"
        yield path, value
        if depth >= _DEEPEST:
            continue
        if isinstance(value, Mapping):
            yield from _walk(value, f"{path}.", depth + 1)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield from _walk(value[0], f"{path}[].", depth + 1)
