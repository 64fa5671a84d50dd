"""Give records their places in a data set: each group once, for good, and alike groups together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from exports import clusters, queries, splits
from exports.models import Dataset, Place
from exports.services.choose import tell_planner


def give_places(dataset: Dataset) -> int:
    """Give every chosen record without a place a split and a number; returns how many got one.

    A group that is found to be like one on another side moves to the stricter of the two.
    """
    home = clusters.homes(queries.alike_groups(dataset))
    with connection.cursor() as cursor:
        _gather(cursor, dataset)
        standing = _standing(dataset, home)
        _move(
            dataset,
            {key: side for key, (side, wanted) in standing.items() if side != wanted},
            standing,
        )
        sides = {key: wanted for key, (_, wanted) in standing.items()}
        cursor.execute("CREATE TEMP TABLE exports_sides (group_key text, side text) ON COMMIT DROP")
        for batch in batched(_sides(dataset, _groups(), sides, home), 10_000):
            keys, found = zip(*batch, strict=True)
            cursor.execute(
                "INSERT INTO exports_sides SELECT * FROM unnest(%s::text[], %s::text[])",
                [list(keys), list(found)],
            )
        cursor.execute("CREATE INDEX ON exports_sides (group_key)")
        made = _number_places(cursor, dataset)
        cursor.execute("DROP TABLE exports_sides, exports_fresh")
    return made


def batched(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of at most `size` items."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def _gather(cursor: Any, dataset: Dataset) -> None:
    """Put what is chosen and has no place yet into `exports_fresh`: it is asked for several times, and must
    stand fast before the first place is written. A look at the places while they are being written wades
    through all that is new, in a time that grows with its square."""
    cursor.execute(
        """
        CREATE TEMP TABLE exports_fresh ON COMMIT DROP AS
        SELECT * FROM exports_chosen chosen WHERE NOT EXISTS (
          SELECT 1 FROM exports_place place
          WHERE place.dataset_id = %s AND place.record_id = chosen.record_id)
        """,
        [dataset.pk],
    )
    cursor.execute("ANALYZE exports_fresh")


def _standing(dataset: Dataset, home: dict[str, str]) -> dict[str, tuple[str, str]]:
    """{group: (its side, the side of its cluster)} of placed groups that matter now: those that get
    further records, and those that are like another one."""
    fresh = RawSQL("SELECT group_key FROM exports_fresh", [])
    concerned = Q(group_key__in=fresh) | Q(group_key__in=list(home))
    found = dict(
        Place.objects.filter(concerned, dataset=dataset)
        .order_by("group_key")
        .values_list("group_key", "split")
        .distinct()
    )
    sides: dict[str, list[str]] = defaultdict(list)
    for key, side in found.items():
        sides[home.get(key, key)].append(side)
    return {
        key: (side, clusters.strictest(sides[home.get(key, key)])) for key, side in found.items()
    }


def _move(dataset: Dataset, moving: dict[str, str], standing: dict[str, tuple[str, str]]) -> None:
    """Put groups behind the last record of the side where their cluster stands."""
    for key in sorted(moving):
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE exports_place place SET split = %(side)s, ordinal = moved.ordinal
                FROM (
                  SELECT id, row_number() OVER (ORDER BY id) + coalesce(
                    (SELECT max(ordinal) FROM exports_place
                     WHERE dataset_id = %(dataset)s AND split = %(side)s), -1) AS ordinal
                  FROM exports_place WHERE dataset_id = %(dataset)s AND group_key = %(key)s
                ) moved WHERE moved.id = place.id
                """,
                {"side": standing[key][1], "dataset": dataset.pk, "key": key},
            )


def _groups() -> Iterator[splits.Group]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT group_key, min(domain), count(*), bool_or(evaluation) FROM exports_fresh"
            " GROUP BY 1 ORDER BY 1"
        )
        for key, domain, records, evaluation in cursor:
            yield splits.Group(key, domain.split(".")[0], records, evaluation)


def _sides(
    dataset: Dataset,
    groups: Iterator[splits.Group],
    standing: dict[str, str],
    home: dict[str, str],
) -> Iterator[tuple[str, str]]:
    """(group, side) of every group with fresh records: what stands, or is like what stands, stays
    there; others by hash, or balanced while few; alike ones as one."""
    placed = {home.get(key, key): side for key, side in standing.items()}
    members: dict[str, list[splits.Group]] = defaultdict(list)

    def new() -> Iterator[splits.Group]:
        for group in groups:
            root = home.get(group.key, group.key)
            if root in placed:
                followers.append((group.key, placed[root]))
            elif group.key in home:
                members[root].append(group)
            else:
                yield group
        yield from (_together(root, found) for root, found in sorted(members.items()))

    followers: list[tuple[str, str]] = []
    for key, side in _assigned(dataset, new()):
        if key in members:
            yield from ((group.key, side) for group in members[key])
        else:
            yield key, side
    yield from followers


def _together(root: str, found: list[splits.Group]) -> splits.Group:
    return splits.Group(
        root,
        min(group.stratum for group in found),
        sum(group.records for group in found),
        any(group.evaluation_only for group in found),
    )


def _assigned(dataset: Dataset, groups: Iterator[splits.Group]) -> Iterator[tuple[str, str]]:
    standing = Place.objects.filter(dataset=dataset).values("group_key").distinct()
    known = standing[: splits.FEW_GROUPS].count()
    first = list(islice(groups, splits.FEW_GROUPS))
    if known + len(first) >= splits.FEW_GROUPS:
        yield from splits.by_hash(chain(first, groups), dataset.shares, dataset.salt)
    else:
        held = _standing_counts(dataset)
        yield from splits.balanced(first, dataset.shares, dataset.salt, held)


def _standing_counts(dataset: Dataset) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    rows = queries.placed_domains(dataset)
    for domain, side, number in rows:
        counts[domain.split(".")[0], side] += number
    return counts


def _number_places(cursor: Any, dataset: Dataset) -> int:
    # Each side's end is looked up once, before the first row is written.
    cursor.execute("ANALYZE exports_sides")
    cursor.execute(
        """
        WITH ends AS MATERIALIZED (
          SELECT split, max(ordinal) + 1 AS next FROM exports_place
          WHERE dataset_id = %(dataset)s GROUP BY split
        )
        INSERT INTO exports_place (dataset_id, record_id, split, ordinal, group_key)
        SELECT %(dataset)s, fresh.record_id, sides.side,
               coalesce(ends.next, 0) + row_number() OVER (PARTITION BY sides.side ORDER BY fresh.id) - 1,
               fresh.group_key
        FROM exports_fresh fresh
        JOIN exports_sides sides USING (group_key) LEFT JOIN ends ON ends.split = sides.side
        """,
        {"dataset": dataset.pk},
    )
    made = int(cursor.rowcount)
    tell_planner(cursor, Place, made)
    return made
