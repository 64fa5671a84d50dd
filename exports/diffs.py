"""What differs between two releases of a data set, by record and then by content digest.

No text leaves here: fields are named by path, contents by digest.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from django.db import connection, transaction

from exports.models import Release
from exports.versions import Changes

_PINS = """
SELECT record.record_id, record.number, record.content_sha256, record.data, record.domain, record.id,
       pin.split, pin.weight, pin.mixture::text AS mixture
FROM exports_pin pin JOIN exports_record record ON record.id = pin.record_id
WHERE pin.dataset_id = %(dataset)s AND pin.since <= %({here})s AND pin.until > %({here})s
  AND NOT (pin.since <= %({there})s AND pin.until > %({there})s)
"""
# What both releases hold by one and the same pin does not differ, and is not looked at.
_OLD, _NEW = _PINS.format(here="old", there="new"), _PINS.format(here="new", there="old")
# Counts need no texts.
_OLD_FACTS, _NEW_FACTS = (pins.replace(", record.data", "") for pins in (_OLD, _NEW))

_KIND = """
CASE
  WHEN old.record_id IS NULL THEN 'added'
  WHEN new.record_id IS NULL THEN 'removed'
  WHEN old.content_sha256 <> new.content_sha256 THEN 'changed'
  WHEN old.split <> new.split THEN 'moved'
  WHEN old.id <> new.id OR old.weight <> new.weight OR old.mixture <> new.mixture THEN 'described'
END
"""

# A withdrawal names the reason; what is gone without one was left out by the selection.
_DIFFERING = f"""
SELECT coalesce(new.record_id, old.record_id) AS record_id, {_KIND} AS change,
       old.number, new.number, old.content_sha256, new.content_sha256, old.split, new.split,
       coalesce(new.domain, old.domain) AS domain,
       CASE WHEN new.id IS NULL THEN coalesce(gone.reason, 'policy') ELSE '' END AS reason,
       CASE WHEN old.id <> new.id THEN old.data END, CASE WHEN old.id <> new.id THEN new.data END
FROM ({_OLD}) old FULL OUTER JOIN ({_NEW}) new ON new.record_id = old.record_id
LEFT JOIN exports_withdrawal gone ON gone.record_id = old.record_id AND new.record_id IS NULL
WHERE {_KIND} IS NOT NULL
"""
_DIFF = f"{_DIFFERING} ORDER BY 2, 1"

_BY_DOMAIN = f"""
SELECT coalesce(new.domain, old.domain), {_KIND} AS change, count(*)
FROM ({_OLD_FACTS}) old
FULL OUTER JOIN ({_NEW_FACTS}) new ON new.record_id = old.record_id
WHERE {_KIND} IS NOT NULL
GROUP BY 1, 2 ORDER BY 1, 2
"""

_REMOVED = f"""
SELECT coalesce(gone.reason, 'policy'), count(*)
FROM ({_OLD_FACTS}) old
LEFT JOIN exports_withdrawal gone ON gone.record_id = old.record_id
WHERE NOT EXISTS (SELECT 1 FROM ({_NEW_FACTS}) new WHERE new.record_id = old.record_id)
GROUP BY 1 ORDER BY 1
"""

NOTHING = 0
"""The key that stands for no release: everything in the other one is new."""


def _both(old: Release | None, new: Release) -> dict[str, Any]:
    return {"dataset": new.dataset_id, "old": old.pk if old else NOTHING, "new": new.pk}


def by_domain(old: Release | None, new: Release) -> dict[str, dict[str, int]]:
    """{domain: {kind of change: records}}."""
    found: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BY_DOMAIN, _both(old, new))
        for domain, change, number in cursor.fetchall():
            found.setdefault(domain, {})[change] = number
    return found


def total(domains: Mapping[str, Mapping[str, int]]) -> Changes:
    """How many records differ, by kind, out of `by_domain`."""
    kinds: Counter[str] = Counter()
    for changes in domains.values():
        kinds.update(changes)
    return Changes(**kinds)


def removed_reasons(old: Release, new: Release) -> dict[str, int]:
    """{reason: records} of what is gone; `policy` is what the selection left out."""
    with connection.cursor() as cursor:
        cursor.execute(_REMOVED, _both(old, new))
        return dict(cursor.fetchall())


def entries(old: Release | None, new: Release) -> Iterator[dict[str, Any]]:
    """One entry a changed record, as `changes.jsonl` holds them, by kind and record id."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        # A server-side cursor: a first release names every record, and memory stays flat.
        cursor.execute(_DIFF, _both(old, new))
        for row in cursor:
            yield _entry(*row)


KINDS = ("removed", "changed", "moved", "described", "added")
"""The weightiest first: what is gone or edited concerns whoever trained on the earlier version."""

_LISTED = f"""
SELECT * FROM ({_DIFFERING}) entry
WHERE (%(kind)s = '' OR change = %(kind)s) AND (%(domain)s = '' OR domain = %(domain)s)
ORDER BY array_position(%(kinds)s, change), record_id LIMIT %(most)s OFFSET %(start)s
"""


class Listed:
    """The entries of a diff as a sequence that a paginator can cut: all, or those of a kind and domain."""

    def __init__(
        self, old: Release, new: Release, *, length: int, kind: str = "", domain: str = ""
    ) -> None:
        told = {"kind": kind, "domain": domain, "kinds": list(KINDS)}
        self._asked: dict[str, Any] = _both(old, new) | told
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        start, stop = part.start or 0, part.stop if part.stop is not None else self._length
        with connection.cursor() as cursor:
            cursor.execute(_LISTED, self._asked | {"most": stop - start, "start": start})
            return [_entry(*row) for row in cursor.fetchall()]


def _entry(record_id: Any, change: str, *rest: Any) -> dict[str, Any]:
    (
        old_number,
        new_number,
        old_sha,
        new_sha,
        old_split,
        new_split,
        domain,
        reason,
        before,
        after,
    ) = rest
    entry: dict[str, Any] = {"change": change, "domain": domain, "record_id": str(record_id)}
    if old_number is not None:
        entry["from"] = {"content_sha256": old_sha, "revision": old_number, "split": old_split}
    if new_number is not None:
        entry["to"] = {"content_sha256": new_sha, "revision": new_number, "split": new_split}
    if reason:
        entry["reason"] = reason
    if before is not None:
        entry["fields"] = sorted(paths(orjson.loads(before), orjson.loads(after)))
    return entry


def paths(before: Any, after: Any, at: str = "") -> Iterator[str]:
    """The paths of fields that differ between two JSON values, list items by number."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            inner = f"{at}.{key}" if at else key
            if key not in before or key not in after:
                yield inner
            else:
                yield from paths(before[key], after[key], inner)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from paths(left, right, f"{at}[{place}]")
    elif before != after:
        yield at
