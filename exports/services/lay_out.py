"""Lay out a release in shards: which stretch of a split each holds, and its name."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max

from exports import queries, shards
from exports.models import Release, ReleaseShard
from exports.parquet import Shape

SHARD_RECORDS = 2_048
"""Ordinals a shard: small enough that a killed worker loses seconds, large enough for columns."""
LEAST_RECORDS = 64
"""Ordinals of the smallest shard at the end of a split."""

_DIGESTS = f"""
SELECT block.split, block.number, count(*),
       encode(sha256(convert_to(string_agg(
         pin.record_id || ':' || pin.weight || ':' || pin.mixture
         || coalesce((SELECT ':' || string_agg(other.id::text, ',' ORDER BY other.id)
                      FROM exports_alternative other
                      WHERE %(pairs)s AND other.record_id = pin.record_id AND {queries.MAY_TRAVEL}), ''),
         E'\\n' ORDER BY pin.ordinal), 'UTF8')), 'hex')
FROM unnest(%(splits)s::text[], %(numbers)s::int[], %(firsts)s::int[], %(lasts)s::int[])
  AS block(split, number, first, last)
JOIN exports_pin pin ON {queries.HELD} AND pin.split = block.split
  AND pin.ordinal BETWEEN block.first AND block.last
GROUP BY 1, 2
"""
# A stretch in which no pin began or ended since then holds what it held.
_UNCHANGED = """
WITH differing AS MATERIALIZED (
  SELECT split, ordinal FROM exports_pin
  WHERE dataset_id = %(dataset)s
    AND (since <= %(base)s AND until > %(base)s) <> (since <= %(release)s AND until > %(release)s)
)
SELECT split, first, last, records, digest FROM exports_releaseshard shard
WHERE release_id = %(base)s AND digest <> '' AND NOT EXISTS (
  SELECT 1 FROM differing
  WHERE differing.split = shard.split AND differing.ordinal BETWEEN shard.first AND shard.last)
"""


class _Stretch(NamedTuple):
    split: str
    number: int
    first: int
    last: int


def blocks(ordinals: int) -> Iterator[tuple[int, int]]:
    """(first, last) of each shard of a split with so many ordinals.

    Full shards, then smaller and smaller ones, halved from one to the next: what is added at the end
    makes few records over, and a data set that grows by little has few small files.
    """
    first, size = 0, SHARD_RECORDS
    while first < ordinals:
        while size > LEAST_RECORDS and first + size > ordinals:
            size //= 2
        yield first, first + size - 1
        first += size


def lay_out(release: Release) -> int:
    """Write down which shards the release consists of, and the name of each; returns how many."""
    return len(ReleaseShard.objects.bulk_create(shards_of(release)))


def shards_of(release: Release) -> list[ReleaseShard]:
    """The shards that the release consists of, by split and number."""
    shape, formats = Shape(**release.shape), release.snapshot["formats"]
    return [
        ReleaseShard(
            release=release,
            **stretch._asdict(),
            records=records,
            digest=digest,
            key=shards.key(f"{digest}:{stretch.split}", shape, formats),
        )
        for stretch, (records, digest) in sorted(_digests(release, _stretches(release)).items())
    ]


def _stretches(release: Release) -> list[_Stretch]:
    ends = release.pins.order_by().values_list("split").annotate(end=Max("ordinal") + 1)
    return [
        _Stretch(split, number, first, last)
        for split, end in ends
        for number, (first, last) in enumerate(blocks(end))
    ]


def _digests(release: Release, wanted: list[_Stretch]) -> dict[_Stretch, tuple[int, str]]:
    """(records, digest of their pins) of each stretch that holds any."""
    known = _unchanged(release)
    found = {each: known[places] for each in wanted if (places := _places(each)) in known}
    fresh = {each[:2]: each for each in wanted if each not in found}
    if fresh:
        with connection.cursor() as cursor:
            cursor.execute(_DIGESTS, _asked(release, list(fresh.values())))
            for split, number, records, digest in cursor.fetchall():
                found[fresh[split, number]] = records, digest
    return found


def _places(stretch: _Stretch) -> tuple[str, int, int]:
    return stretch.split, stretch.first, stretch.last


def _unchanged(release: Release) -> dict[tuple[str, int, int], tuple[int, str]]:
    """{(split, first, last): (records, digest)} of what the cut before has digested already. With pairs, what
    their writers said of them counts as well, so nothing is."""
    base = queries.cut_before(release)
    if base is None or any(each.snapshot["preference_pairs"] for each in (base, release)):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_UNCHANGED, queries.held_by(release) | {"base": base.pk})
        return {
            (split, first, last): (records, digest)
            for split, first, last, records, digest in cursor.fetchall()
        }


def _asked(release: Release, stretches: list[_Stretch]) -> dict[str, Any]:
    names = ("splits", "numbers", "firsts", "lasts")
    columns = zip(*stretches, strict=True)
    return {
        **{name: list(column) for name, column in zip(names, columns, strict=True)},
        **queries.held_by(release),
        "pairs": release.snapshot["preference_pairs"],
        "word": release.snapshot.get("pair_word", 0),
    }
