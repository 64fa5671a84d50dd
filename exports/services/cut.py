"""Cut a release: decide what is in it, where each record stands, and what its version says."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, Count, Max, Min, Q, Value, When
from django.utils import timezone

from audit.services import record
from experts.models import User
from exports import diffs, queries, shards, splits, versions
from exports.enums import Bump, Split
from exports.errors import EmptySelection, EmptySide, VersionTooSmall
from exports.models import Dataset, Place, Release, ReleaseShard
from exports.parquet import Shape
from exports.services.freeze import freeze_records
from exports.services.snapshot import snapshot
from review.enums import Use
from review.services.give_verdict import settle_projects

SHARD_RECORDS = 2_000
"""Ordinals a shard: small enough that a killed worker loses seconds, large enough for columns."""


def cut_release(*, dataset: Dataset, bump: str, person: User | None) -> Release:
    """A draft of the next release, everything pinned; nothing is written to files yet.

    An empty `bump` takes the smallest step that tells the truth about what changed. Raises
    EmptySelection, EmptySide, or VersionTooSmall when the changes ask for more than `bump`.
    """
    settle_projects(dataset.projects.values_list("pk", flat=True))
    freeze_records(projects=dataset.projects.all())
    with transaction.atomic():
        locked = Dataset.objects.select_for_update().get(pk=dataset.pk)
        if not queries.selected(locked).exists():
            raise EmptySelection
        give_places(locked)
        previous = queries.newest_release(locked)
        release = _draft(locked, previous, bump or Bump.MAJOR, person)
        _pin(locked, release)
        _require_every_side(locked, release)
        changes = diffs.counted(previous, release)
        _require_step(previous, bump or Bump.MAJOR, changes)
        if not bump:
            _step(release, versions.least_bump(changes))
        release.shape = queries.shape_of(release)
        release.snapshot = snapshot(release, changes)
        release.shards_total = _lay_out(release)
        release.save()
        record(
            verb="exports.release_cut",
            actor=person,
            target=release,
            dataset=locked.slug,
            version=release.version,
            records=release.snapshot["records"],
        )
    return release


def _draft(dataset: Dataset, previous: Release | None, bump: str, person: User | None) -> Release:
    before = (previous.major, previous.minor, previous.patch) if previous else None
    major, minor, patch = versions.following(before, bump)
    return Release.objects.create(
        dataset=dataset,
        previous=previous,
        bump=Bump(bump),
        created_by=person,
        major=major,
        minor=minor,
        patch=patch,
        cut_at=timezone.now().replace(microsecond=0),
    )


def _step(release: Release, bump: str) -> None:
    before = release.previous
    version = versions.following(
        (before.major, before.minor, before.patch) if before else None, bump
    )
    release.major, release.minor, release.patch = version
    release.bump = Bump(bump)


def _require_step(previous: Release | None, bump: str, changes: versions.Changes) -> None:
    if previous is None or versions.allows(bump, changes):
        return
    needed = versions.least_bump(changes)
    raise VersionTooSmall(
        f"This is a {needed} version, not a {bump} one. {versions.why(changes)}",
        advice=f"Build it with the step “{needed}”.",
        needed=needed,
    )


# Places: each group once, for good.


def give_places(dataset: Dataset) -> int:
    """Give every selected record without a place a split and a number; returns how many got one."""
    fresh = queries.selected(dataset).exclude(
        record_id__in=Place.objects.filter(dataset=dataset).values("record_id")
    )
    groups = _groups(fresh)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE exports_sides (group_key text, side text) ON COMMIT DROP")
        for batch in batched(_sides(dataset, groups), 10_000):
            keys, sides = zip(*batch, strict=True)
            cursor.execute(
                "INSERT INTO exports_sides SELECT * FROM unnest(%s::text[], %s::text[])",
                [list(keys), list(sides)],
            )
        cursor.execute("CREATE INDEX ON exports_sides (group_key)")
        made = _number_places(cursor, dataset, fresh)
        cursor.execute("DROP TABLE exports_sides")
    return made


def batched(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of at most `size` items."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def _groups(fresh: Any) -> Iterator[splits.Group]:
    evaluation = Case(
        When(Q(use=Use.EVALUATION) | Q(quality_class="C"), then=Value(1)), default=Value(0)
    )
    rows = (
        fresh.order_by()
        .values("group_key")
        .annotate(stratum=Min("domain"), n=Count("pk"), evaluation=Max(evaluation))
        .order_by("group_key")
    )
    for row in rows.iterator(chunk_size=10_000):
        stratum = row["stratum"].split(".")[0]
        yield splits.Group(row["group_key"], stratum, row["n"], bool(row["evaluation"]))


def _sides(dataset: Dataset, groups: Iterator[splits.Group]) -> Iterator[tuple[str, str]]:
    """A group that stands already stays where it is; others by hash, or balanced while few."""
    standing = dict(
        Place.objects.filter(dataset=dataset)
        .values_list("group_key", "split")
        .distinct()
        .iterator()
    )
    if len(standing) >= splits.FEW_GROUPS:
        new = (group for group in groups if group.key not in standing)
        yield from splits.by_hash(new, dataset.shares, dataset.salt)
    else:
        found = list(groups)
        new_groups = [group for group in found if group.key not in standing]
        if len(standing) + len(new_groups) >= splits.FEW_GROUPS:
            yield from splits.by_hash(new_groups, dataset.shares, dataset.salt)
        else:
            held = _standing_counts(dataset)
            yield from splits.balanced(new_groups, dataset.shares, dataset.salt, held)
    yield from standing.items()


def _standing_counts(dataset: Dataset) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    rows = queries.placed_domains(dataset)
    for domain, side, number in rows:
        counts[domain.split(".")[0], side] += number
    return counts


def _number_places(cursor: Any, dataset: Dataset, fresh: Any) -> int:
    inner, parameters = (
        fresh.order_by().values("record_id", "group_key", "pk").query.sql_with_params()
    )
    cursor.execute(
        f"""
        INSERT INTO exports_place (dataset_id, record_id, split, ordinal, group_key)
        SELECT %s, fresh.record_id, side,
               coalesce((SELECT max(ordinal) + 1 FROM exports_place
                         WHERE dataset_id = %s AND split = side), 0)
               + row_number() OVER (PARTITION BY side ORDER BY fresh.id) - 1,
               fresh.group_key
        FROM ({inner}) AS fresh(record_id, group_key, id) JOIN exports_sides USING (group_key)
        """,
        [dataset.pk, dataset.pk, *parameters],
    )
    return int(cursor.rowcount)


def _pin(dataset: Dataset, release: Release) -> None:
    """Pin every selected record where it stands; the held-out part never gets into a release."""
    names = [raw["member"] for raw in dataset.mixture]
    found: Any = queries.selected(dataset)
    chosen = found.order_by().values("pk", "record_id", "split_weight", "member")
    inner, parameters = chosen.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO exports_releaserecord (release_id, record_id, split, ordinal, mixture, weight)
            SELECT %s, chosen.id, place.split, place.ordinal,
                   CASE WHEN chosen.member < 0 THEN '[]'::jsonb
                        ELSE jsonb_build_array((%s::text[])[chosen.member + 1]) END,
                   chosen.weight
            FROM ({inner}) AS chosen(id, record_id, weight, member)
            JOIN exports_place place ON place.dataset_id = %s AND place.record_id = chosen.record_id
            WHERE place.split <> %s
            """,
            [release.pk, names, *parameters, dataset.pk, Split.HELD_OUT.value],
        )


def _require_every_side(dataset: Dataset, release: Release) -> None:
    counts = queries.split_counts(release)
    sides = [side for side in ("train", "validation", "test") if dataset.shares.get(side)]
    empty = [side for side in sides if not counts.get(side)]
    if empty:
        held = sum(counts.values())
        raise EmptySide(
            f"The {' and '.join(empty)} part would be empty: {held} "
            f"{'record' if held == 1 else 'records'} cannot fill every part.",
            advice="Set the share of that part to 0 in the dataset's settings, or wait for more records.",
        )


# Shards.

_SHARDS = """
SELECT pin.split, pin.ordinal / %(size)s, count(*),
       encode(sha256(convert_to(string_agg(
         record.id || ':' || pin.weight || ':' || pin.mixture, E'\\n' ORDER BY pin.ordinal), 'UTF8')), 'hex')
FROM exports_releaserecord pin JOIN exports_record record ON record.id = pin.record_id
WHERE pin.release_id = %(release)s
GROUP BY 1, 2 ORDER BY 1, 2
"""


def _lay_out(release: Release) -> int:
    """Write down which shards the release consists of, and the name of each; returns how many."""
    shape = Shape(**release.shape)
    pairs = release.dataset.preference_pairs
    made = []
    with connection.cursor() as cursor:
        cursor.execute(_SHARDS, {"size": SHARD_RECORDS, "release": release.pk})
        for split, bucket, number, digest in cursor.fetchall():
            made.append(
                ReleaseShard(
                    release=release,
                    split=split,
                    number=bucket,
                    records=number,
                    first=bucket * SHARD_RECORDS,
                    last=(bucket + 1) * SHARD_RECORDS - 1,
                    key=shards.key(f"{digest}:{split}:{pairs}", shape),
                )
            )
    ReleaseShard.objects.bulk_create(made)
    return len(made)
