"""Read a tree of domains from a file: CSV with `path` and `name`, or nested YAML-like JSON."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from django.utils.text import slugify

from experts.errors import ImportRefused

LARGEST = 2 * 1024 * 1024


def rows_of(content: bytes, name: str) -> list[dict[str, str]]:
    """[{"path", "name"}] from a CSV or JSON file; raises ImportRefused with what is wrong.

    CSV has a header with `path` (slugs with dots) or with `field` and an optional `parent`; JSON is
    {"Medicine": {"Cardiology": {}}} or [{"path", "name"}].
    """
    if len(content) > LARGEST:
        raise ImportRefused("This file is larger than 2 MB.", advice="Split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ImportRefused(
            "This file is not UTF-8 text.", advice="Save it as CSV in UTF-8."
        ) from problem
    rows = list(_from_json(text) if name.lower().endswith(".json") else _from_csv(text))
    if not rows:
        raise ImportRefused("There is no field in this file.")
    return rows


def _from_csv(text: str) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text))
    columns = [column.strip().lower() for column in reader.fieldnames or []]
    reader.fieldnames = columns
    if "path" in columns:
        for row in reader:
            yield {"path": row.get("path") or "", "name": row.get("name") or ""}
    elif "field" in columns:
        for row in reader:
            above, field = (row.get("parent") or "").strip(), (row.get("field") or "").strip()
            parts = [slugify(part) for part in (above, field) if part]
            yield {"path": ".".join(parts), "name": field}
    else:
        raise ImportRefused(
            "The first line of the file names no column “path” or “field”.",
            advice="Begin it with: path,name",
        )


def _from_json(text: str) -> Iterator[dict[str, str]]:
    try:
        tree = orjson.loads(text)
    except orjson.JSONDecodeError as problem:
        raise ImportRefused(f"This is not valid JSON: {problem}.") from problem
    if isinstance(tree, list):
        for row in tree:
            if not isinstance(row, Mapping):
                raise ImportRefused("Each entry of the list has to be an object with “path”.")
            yield {"path": str(row.get("path", "")), "name": str(row.get("name", ""))}
    elif isinstance(tree, Mapping):
        yield from _walk(tree, "")
    else:
        raise ImportRefused("The file holds neither a list nor a tree.")


def _walk(tree: Mapping[str, Any], above: str) -> Iterator[dict[str, str]]:
    for name, below in tree.items():
        path = f"{above}.{slugify(name)}" if above else slugify(name)
        yield {"path": path, "name": name}
        if isinstance(below, Mapping):
            yield from _walk(below, path)
