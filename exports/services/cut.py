"""Cut a release: decide what is in it, where each record stands, and what its version says."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, Exists, Max, OuterRef, Q, Value, When
from django.db.models.expressions import RawSQL
from django.utils import timezone

from audit.services import record
from experts.models import User
from exports import clusters, diffs, queries, shards, splits, versions
from exports.enums import Bump, Split
from exports.errors import EmptySelection, EmptySide, VersionTooSmall
from exports.models import Dataset, Place, Release, ReleaseRecord, ReleaseShard
from exports.parquet import Shape
from exports.services.freeze import freeze_records
from exports.services.snapshot import snapshot
from review.enums import Use
from review.services.give_verdict import settle_projects

SHARD_RECORDS = 2_048
"""Ordinals a shard: small enough that a killed worker loses seconds, large enough for columns."""
LEAST_RECORDS = 64
"""Ordinals of the smallest shard at the end of a split."""
MUCH = 10_000
"""Rows added at once from which the planner's figures of a table are made anew."""


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
        changed = diffs.by_domain(previous, release)
        changes = diffs.total(changed)
        _require_step(previous, bump or Bump.MAJOR, changes)
        if not bump:
            _step(release, versions.least_bump(changes))
        release.shape = queries.shape_of(release)
        release.snapshot = snapshot(release, changed)
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


# Places: each group once, for good, and alike groups together.


def give_places(dataset: Dataset) -> int:
    """Give every selected record without a place a split and a number; returns how many got one.

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
    """Put what is selected and has no place yet into `exports_fresh`: it is asked for several times, and must
    stand fast before the first place is written. A look at the places while they are being written wades
    through all that is new, in a time that grows with its square."""
    evaluation = Case(
        When(Q(use=Use.EVALUATION) | Q(quality_class="C"), then=Value(True)), default=Value(False)
    )
    placed = Place.objects.filter(dataset=dataset, record_id=OuterRef("record_id"))
    fresh: Any = queries.selected(dataset).filter(~Exists(placed)).annotate(evaluation=evaluation)
    columns = ("record_id", "group_key", "pk", "domain", "evaluation")
    inner, parameters = fresh.order_by().values(*columns).query.sql_with_params()
    cursor.execute(
        f"""
        CREATE TEMP TABLE exports_fresh ON COMMIT DROP AS
        SELECT * FROM ({inner}) AS fresh(record_id, group_key, id, domain, evaluation)
        """,
        parameters,
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
    _tell_planner(cursor, Place, made)
    return made


def _tell_planner(cursor: Any, model: type[Place | ReleaseRecord], added: int) -> None:
    """Count a table again that has grown much within this transaction: what follows reads all that is new, and
    would be planned for the few rows that were known."""
    if added >= MUCH:
        cursor.execute(f"ANALYZE {model._meta.db_table}")  # noqa: SLF001  (public in all but name)


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
        _tell_planner(cursor, ReleaseRecord, int(cursor.rowcount))


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

_SHARDS = f"""
SELECT block.split, block.number, block.first, block.last, count(*),
       encode(sha256(convert_to(string_agg(
         record.id || ':' || pin.weight || ':' || pin.mixture
         || coalesce((SELECT ':' || string_agg(other.id::text, ',' ORDER BY other.id)
                      FROM exports_alternative other
                      WHERE %(pairs)s AND other.record_id = record.id AND {queries.MAY_TRAVEL}), ''),
         E'\\n' ORDER BY pin.ordinal), 'UTF8')), 'hex')
FROM unnest(%(splits)s::text[], %(numbers)s::int[], %(firsts)s::int[], %(lasts)s::int[])
  AS block(split, number, first, last)
JOIN exports_releaserecord pin ON pin.release_id = %(release)s AND pin.split = block.split
  AND pin.ordinal BETWEEN block.first AND block.last
JOIN exports_record record ON record.id = pin.record_id
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2
"""


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


def _lay_out(release: Release) -> int:
    """Write down which shards the release consists of, and the name of each; returns how many."""
    shape = Shape(**release.shape)
    with connection.cursor() as cursor:
        cursor.execute(_SHARDS, _layout(release))
        made = [
            ReleaseShard(
                release=release,
                split=split,
                number=number,
                records=records,
                first=first,
                last=last,
                key=shards.key(f"{digest}:{split}", shape, release.snapshot.get("formats", [])),
            )
            for split, number, first, last, records, digest in cursor.fetchall()
        ]
    ReleaseShard.objects.bulk_create(made)
    return len(made)


def _layout(release: Release) -> dict[str, Any]:
    ends = release.pins.order_by().values_list("split").annotate(end=Max("ordinal") + 1)
    found = [
        (split, number, first, last)
        for split, end in ends.order_by("split")
        for number, (first, last) in enumerate(blocks(end))
    ]
    names = ("splits", "numbers", "firsts", "lasts")
    return {
        name: list(column) for name, column in zip(names, zip(*found, strict=True), strict=True)
    } | {
        "release": release.pk,
        "pairs": release.snapshot["preference_pairs"],
        "word": release.snapshot.get("pair_word", 0),
    }
