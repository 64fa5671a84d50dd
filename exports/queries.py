"""Reads of the releasing side. Every figure on a page, in a card or a report comes from here."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import MD5, Cast, Concat, RowNumber
from django.utils import timezone

from annotation.enums import TaskState
from annotation.known import INSTRUCTION, TASK, scope_of
from annotation.models import Finding, Task
from annotation.queries import current_version
from corpus.queries import held_refs, waived_hits
from experts.enums import Role
from experts.models import User
from experts.queries import projects_of
from exports import store
from exports.enums import Exclusion, ReleaseState, Split
from exports.errors import NoSuchDataset, NoSuchRelease
from exports.models import (
    Alternative,
    Dataset,
    Download,
    PairConsent,
    Record,
    Release,
    ReleaseRecord,
    Shard,
    Unfit,
    Withdrawal,
)
from exports.records import Record as CanonicalRecord
from exports.records import released
from exports.selection import Member, Selection
from exports.versions import Changes
from review.enums import Use

AXES = ("domain", "language", "difficulty", "task_type", "quality_class", "kind")
"""The slices that counts, cards and coverage are told by."""
Number = TypeVar("Number", int, float)
UP_TO_DATE = [ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN]
MAY_TRAVEL = """coalesce((
  SELECT word.allowed FROM exports_pairconsent word
  JOIN annotation_revision wrote ON wrote.author_id = word.person_id
  WHERE wrote.id = other.revision_id AND word.id <= %(word)s ORDER BY word.id DESC LIMIT 1), false)"""
"""SQL over exports_alternative `other`: whether its author had allowed it by the word numbered `word`."""


def dataset_named(slug: str) -> Dataset:
    """The data set; raises NoSuchDataset."""
    found = Dataset.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Dataset.objects.values_list("slug", flat=True)[:10])
        raise NoSuchDataset(
            f"There is no dataset “{slug}”.",
            advice=f"Known datasets: {known}." if known else "Make one under Datasets first.",
        )
    return found


def datasets_seen_by(person: User) -> QuerySet[Dataset]:
    """Data sets a person may look at: all for administrators, else those of their projects."""
    found = Dataset.objects.all()
    if not person.is_superuser:
        found = found.filter(projects__in=projects_of(person, Role.LEAD, Role.OBSERVER)).distinct()
    return found


def release_of(dataset: Dataset, version: str, *, unpublished: bool = False) -> Release:
    """The release of that version; raises NoSuchRelease. Unpublished ones only where asked for."""
    parts = version.split(".")
    if len(parts) == 3 and all(part.isdecimal() for part in parts):
        major, minor, patch = map(int, parts)
        found = dataset.releases.filter(major=major, minor=minor, patch=patch)
        states = found if unpublished else found.filter(state__in=UP_TO_DATE)
        release = states.order_by("-id").first()
        if release is not None:
            return release
    published = ", ".join(r.version for r in published_releases(dataset))
    raise NoSuchRelease(
        f"“{dataset.slug}” has no published release {version}.",
        advice=f"Published: {published}." if published else "Nothing is published yet.",
    )


def published_releases(dataset: Dataset) -> QuerySet[Release]:
    """Published and withdrawn releases, newest version first."""
    return dataset.releases.filter(state__in=UP_TO_DATE).order_by("-major", "-minor", "-patch")


def newest_release(dataset: Dataset) -> Release | None:
    """The published release with the highest version, withdrawn ones included."""
    return published_releases(dataset).first()


# What is in a data set now, and what is not and why.


def candidates(dataset: Dataset) -> QuerySet[Record]:
    """Every record of the data set's projects in its newest revision, each with why it is left out.

    `exclusion` is empty where the record belongs in; `member` is the number of its mixture slice.
    """
    selection = Selection.read(dataset.selection)
    members = [Member.read(raw) for raw in dataset.mixture]
    newest = ~Exists(
        Record.objects.filter(record_id=OuterRef("record_id"), number__gt=OuterRef("number"))
    )
    found = (
        Record.objects.filter(newest, project__in=dataset.projects.all())
        .alias(task_ref=_ref(TASK, "task_id"), asked_ref=_ref(INSTRUCTION, "task__instruction_id"))
        .annotate(exclusion=_exclusion(dataset, selection), member=_member(members))
        .annotate(split_weight=_weight(members))
    )
    return _capped(found, members)


def _ref(kind: str, column: str) -> Concat:
    """The name under which the corpus knows the text behind a column."""
    return Concat(Value(f"{kind}:"), Cast(column, CharField()))


def _held(dataset: Dataset) -> Q:
    """The condition on what the corpus holds: looked up once for a query, not once for a record."""
    held = held_refs(_scopes(dataset))
    return Q(task_ref__in=held) | Q(asked_ref__in=held)


def _scopes(dataset: Dataset) -> list[str]:
    return [scope_of(pk) for pk in dataset.projects.order_by("pk").values_list("pk", flat=True)]


def _exclusion(dataset: Dataset, selection: Selection) -> Case:
    gone = Exists(Withdrawal.objects.filter(record_id=OuterRef("record_id")))
    rules = [
        (Q(retention_until__lt=timezone.now().date()), Exclusion.RETENTION),
        (gone | ~Q(task__state=TaskState.APPROVED), Exclusion.WITHDRAWN),
        (Q(use=Use.HELD_BACK), Exclusion.HELD_BACK),
        (~selection.scope() if selection.scope() else None, Exclusion.NOT_SELECTED),
        (~selection.quality(), Exclusion.QUALITY),
        (~selection.rights() if selection.rights() else None, Exclusion.RIGHTS),
        (_too_long(selection), Exclusion.TOO_LONG),
        (_held(dataset), Exclusion.HELD),
        (_checked_otherwise(dataset), Exclusion.CHECKS),
        (_held_out(dataset), Exclusion.HELD_OUT),
    ]
    whens = [When(rule, then=Value(reason.value)) for rule, reason in rules if rule is not None]
    return Case(*whens, default=Value(""), output_field=CharField())


def _too_long(selection: Selection) -> Q | None:
    return Q(characters__gt=selection.most_characters) if selection.most_characters else None


def _checked_otherwise(dataset: Dataset) -> Q | None:
    pinned = dataset.pinned_checks
    return ~Q(checks__contains=pinned) if pinned else None


def _held_out(dataset: Dataset) -> Q | None:
    if not dataset.shares.get(Split.HELD_OUT):
        return None
    places = dataset.places.filter(split=Split.HELD_OUT, record_id=OuterRef("record_id"))
    return Q(Exists(places))


def _member(members: list[Member]) -> Case:
    whens = [
        When(member.where.everything() or Q(pk__isnull=False), then=Value(place))
        for place, member in enumerate(members)
    ]
    return Case(*whens, default=Value(-1), output_field=IntegerField())


def _weight(members: list[Member]) -> Case:
    whens = [When(member=place, then=Value(m.weight)) for place, m in enumerate(members)]
    return Case(*whens, default=Value(1.0))


def _capped(found: QuerySet[Record], members: list[Member]) -> QuerySet[Record]:
    """Beyond a member's cap the records with the largest digests are left out: stable and unbiased."""
    caps = [(place, member.cap) for place, member in enumerate(members) if member.cap is not None]
    if not caps:
        return found
    order = MD5(Concat(Cast("record_id", CharField()), Value("cap")))
    above = Q(pk__isnull=True)
    for place, cap in caps:
        above |= Q(member=place, rank__gt=cap)
    # Looked up apart: what counts and groups the records must not have a window in it.
    fitting: Any = found
    over = (
        fitting.filter(exclusion="")
        .annotate(rank=Window(RowNumber(), partition_by=[F("member")], order_by=order))
        .filter(above)
    )
    capped = Case(
        When(pk__in=over.values("pk"), then=Value(Exclusion.CAP.value)),
        default=F("exclusion"),
        output_field=CharField(),
    )
    return found.annotate(capped=capped)


def exclusion_field(dataset: Dataset) -> str:
    """The name under which `candidates` tells the final reason."""
    return (
        "capped"
        if any(raw.get("cap") not in (None, "") for raw in dataset.mixture)
        else "exclusion"
    )


def selected(dataset: Dataset) -> QuerySet[Record]:
    """The records that the next release would carry, held-out ones included."""
    return candidates(dataset).filter(**{exclusion_field(dataset): ""})


def member_counts(dataset: Dataset) -> list[dict[str, Any]]:
    """The slices of the mixture with their weight, cap, records, and share of the training weight."""
    members = [Member.read(raw) for raw in dataset.mixture]
    if not members:
        return []
    found: Any = selected(dataset)
    rows: Any = found.order_by().values("member").annotate(n=Count("pk"))
    counts = {row["member"]: row["n"] for row in rows.order_by("member")}
    weights = {-1: 1.0} | {place: member.weight for place, member in enumerate(members)}
    whole = sum(weights[place] * n for place, n in counts.items())
    names = {place: member.name for place, member in enumerate(members)} | {-1: "All others"}
    return [
        {
            "name": names[place],
            "weight": weights[place],
            "cap": members[place].cap if place >= 0 else None,
            "n": counts.get(place, 0),
            "percent": round(100 * weights[place] * counts.get(place, 0) / whole) if whole else 0,
        }
        for place in [*range(len(members)), -1]
    ]


def excluded(dataset: Dataset, reason: str = "") -> QuerySet[Record]:
    """Approved records that are left out, for one reason or for any, newest first."""
    field = exclusion_field(dataset)
    found = candidates(dataset).exclude(**{field: ""}).annotate(reason=F(field))
    if reason:
        found = found.filter(reason=reason)
    return found.select_related("task__instruction", "project").order_by("-pk")


def exclusion_counts(dataset: Dataset) -> dict[str, int]:
    """How many records are left out, by reason, those that cannot be written included."""
    field = exclusion_field(dataset)
    rows = candidates(dataset).exclude(**{field: ""}).values(field).annotate(n=Count("pk"))
    counts = {row[field]: row["n"] for row in rows.order_by(field)}
    unfit = unfit_revisions(dataset).count()
    return counts | ({Exclusion.UNFIT.value: unfit} if unfit else {})


def alike_groups(dataset: Dataset) -> list[tuple[str, str]]:
    """Pairs of groups that hold texts which the corpus found to be alike, whatever was decided of them."""
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, {"scopes": _scopes(dataset), "task": TASK, "asked": INSTRUCTION})
        return [(one, other) for one, other in cursor.fetchall()]


_ALIKE = """
WITH pair AS (
  SELECT split_part(first, ':', 1) AS what,
         split_part(first, ':', 2)::bigint AS one, split_part(second, ':', 2)::bigint AS other
  FROM corpus_pair WHERE scope = ANY(%(scopes)s)
)
SELECT DISTINCT one.group_key, other.group_key
FROM pair JOIN exports_record one ON one.task_id = pair.one
JOIN exports_record other ON other.task_id = pair.other
WHERE pair.what = %(task)s AND one.group_key <> other.group_key
UNION
SELECT DISTINCT one.group_key, other.group_key
FROM pair JOIN annotation_task asked_one ON asked_one.instruction_id = pair.one
JOIN annotation_task asked_other ON asked_other.instruction_id = pair.other
JOIN exports_record one ON one.task_id = asked_one.id
JOIN exports_record other ON other.task_id = asked_other.id
WHERE pair.what = %(asked)s AND one.group_key <> other.group_key
ORDER BY 1, 2
"""


def unfit_revisions(dataset: Dataset) -> QuerySet[Unfit]:
    """Approved revisions that cannot be written as records, with the reason."""
    return Unfit.objects.filter(
        project__in=dataset.projects.all(), revision__task__state=TaskState.APPROVED
    ).select_related("revision__task__instruction", "project")


def waiting(dataset: Dataset) -> QuerySet[Task]:
    """Approved tasks that become records with the next build."""
    return Task.objects.filter(
        project__in=dataset.projects.all(),
        state=TaskState.APPROVED,
        current_revision__record__isnull=True,
        current_revision__unfit__isnull=True,
    )


def slice_counts(records: QuerySet[Any], prefix: str = "") -> dict[str, dict[str, int]]:
    """Records by each axis: {axis: {value: count}}, values in order. `prefix` reaches the record."""
    return {
        axis: {
            str(row[f"{prefix}{axis}"]): row["n"]
            for row in records.order_by()
            .values(f"{prefix}{axis}")
            .annotate(n=Count("pk"))
            .order_by(f"{prefix}{axis}")
        }
        for axis in AXES
    }


# What is in one release.


def pins_of(release: Release) -> QuerySet[ReleaseRecord]:
    """The release's records in file order."""
    return release.pins.order_by("split", "ordinal")


def split_counts(release: Release) -> dict[str, int]:
    """Records of each split, in the order train, validation, test."""
    rows = release.pins.order_by().values("split").annotate(n=Count("pk"))
    return in_order({row["split"]: row["n"] for row in rows})


def in_order(splits: Mapping[str, Number]) -> dict[str, Number]:
    """The splits that hold something: train, validation, test."""
    return {s.value: splits[s.value] for s in Split if splits.get(s.value)}


def figures(release: Release) -> dict[str, Any]:
    """Every figure of a release that its pages and papers tell."""
    pins = release.pins.order_by()
    totals = pins.aggregate(
        records=Count("pk"),
        writers=Count("record__author", distinct=True),
        characters=Sum("record__characters"),
        groups=Count("record__group_key", distinct=True),
    )
    licences = pins.values("record__licence").annotate(n=Count("pk")).order_by("record__licence")
    projects = (
        pins.values("record__project__slug")
        .annotate(n=Count("pk"))
        .order_by("record__project__slug")
    )
    return {
        **totals,
        "splits": split_counts(release),
        "slices": slice_counts(release.pins.all(), "record__"),
        "licences": {row["record__licence"]: row["n"] for row in licences},
        "projects": {row["record__project__slug"]: row["n"] for row in projects},
    }


def waivers(release: Release) -> list[dict[str, Any]]:
    """Protected items that were let stand in the release's records: benchmark, item, share of it met,
    and the reason, each named once with how many records it concerns."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    pins = release.pins.order_by().annotate(
        task_ref=_ref(TASK, "record__task_id"),
        asked_ref=_ref(INSTRUCTION, "record__task__instruction_id"),
    )
    hits = list(waived_hits(_scopes(release.dataset)))
    refs = {hit.ref for hit in hits}
    concerned: Counter[str] = Counter()
    for column in ("task_ref", "asked_ref") if refs else ():
        named = pins.filter(**{f"{column}__in": refs}).values_list(column, flat=True)
        concerned.update(named)
    for hit in hits:
        if number := concerned[hit.ref]:
            name = (hit.item.protected_set.name, hit.item.name, hit.reason)
            row = found.setdefault(
                name,
                {
                    "benchmark": name[0],
                    "item": name[1],
                    "reason": name[2],
                    "share": 0,
                    "records": 0,
                },
            )
            row["share"] = max(row["share"], round(hit.coverage, 2))
            row["records"] += number
    return list(found.values())


def pairs_allowed_by(person: User) -> bool:
    """Whether the person's newest word on preference pairs is a yes."""
    word = person.pair_consents.order_by("-pk").first()
    return bool(word and word.allowed)


def words_on_pairs(person: User) -> QuerySet[PairConsent]:
    """What the person said on preference pairs, newest first."""
    return PairConsent.objects.filter(person=person)


def earlier_texts_of(person: User) -> int:
    """How many texts of theirs stand beside approved ones."""
    return Alternative.objects.filter(revision__author=person).count()


def pair_texts(dataset: Dataset) -> dict[str, int]:
    """Earlier texts beside the data set's records: how many there are, and how many may travel."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*), count(*) FILTER (WHERE {MAY_TRAVEL})
            FROM exports_alternative other JOIN exports_record record ON record.id = other.record_id
            WHERE record.project_id = ANY(%(projects)s)
            """,
            {
                "word": newest_word(),
                "projects": list(dataset.projects.values_list("pk", flat=True)),
            },
        )
        found, allowed = cursor.fetchone()
    return {"found": found, "allowed": allowed}


def newest_word() -> int:
    """The number of the last word that anybody gave on preference pairs; 0 before the first."""
    return PairConsent.objects.aggregate(last=Max("pk"))["last"] or 0


def check_versions(release: Release) -> dict[str, dict[str, int]]:
    """{check: {version: records}} of what the release's records were checked by."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT made.key, made.value #>> '{}', sum(held.n)::bigint
            FROM (
              SELECT record.checks, count(*) AS n
              FROM exports_releaserecord pin JOIN exports_record record ON record.id = pin.record_id
              WHERE pin.release_id = %s GROUP BY 1
            ) held, LATERAL jsonb_each(held.checks) made
            GROUP BY 1, 2 ORDER BY 1, 2
            """,
            [release.pk],
        )
        found: dict[str, dict[str, int]] = {}
        for check, version, number in cursor.fetchall():
            found.setdefault(check, {})[version] = number
        return found


def shape_of(release: Release) -> dict[str, bool]:
    """What the release's records use at all."""
    flags = {
        "tools": "record__has_tools",
        "reasoning": "record__has_reasoning",
        "masks": "record__has_masks",
        "attachments": "record__has_attachments",
    }
    found = release.pins.aggregate(
        **{name: Max(Cast(column, IntegerField())) for name, column in flags.items()}
    )
    return {name: bool(found[name]) for name in flags}


def progress(release: Release) -> dict[str, int]:
    """How far a build has come: shards done, shards in all, per cent."""
    total = release.shards.count()
    done = built_shards(release).count()
    return {"done": done, "total": total, "percent": 100 * done // total if total else 0}


def built_shards(release: Release) -> QuerySet[Any]:
    """The release's shards whose files are there."""
    return release.shards.filter(_shard_exists())


def missing_shards(release: Release) -> QuerySet[Any]:
    """The release's shards that are still to be built."""
    return release.shards.filter(~_shard_exists()).order_by("split", "number")


def _shard_exists() -> Exists:
    return Exists(Shard.objects.filter(key=OuterRef("key")))


def placed_domains(dataset: Dataset) -> list[tuple[str, str, int]]:
    """(domain, split, records) of everything that has a place in the data set."""
    split = dataset.places.filter(record_id=OuterRef("record_id")).values("split")[:1]
    newest = ~Exists(
        Record.objects.filter(record_id=OuterRef("record_id"), number__gt=OuterRef("number"))
    )
    placed = Record.objects.filter(
        newest, record_id__in=dataset.places.values("record_id")
    ).annotate(side=Subquery(split))
    rows = placed.order_by().values("domain", "side").annotate(n=Count("pk"))
    return [(row["domain"], row["side"], row["n"]) for row in rows]


def withdrawn_since(release: Release) -> int:
    """How many of the release's records were withdrawn after it was cut."""
    gone = Exists(Withdrawal.objects.filter(record_id=OuterRef("record__record_id")))
    return release.pins.filter(gone | ~Q(record__task__state=TaskState.APPROVED)).count()


def attachment_digests(release: Release) -> Iterator[str]:
    """SHA-256 of every attachment that the release's records refer to, each once, in order."""
    if not release.shape.get("attachments"):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT attachment->>'sha256'
            FROM exports_releaserecord pin
            JOIN exports_record record ON record.id = pin.record_id AND record.has_attachments,
            LATERAL jsonb_array_elements(record.data::jsonb->'attachments') attachment
            WHERE pin.release_id = %s ORDER BY 1
            """,
            [release.pk],
        )
        yield from (row[0] for row in cursor.fetchall())


# What pages show.


def planned_changes(dataset: Dataset) -> Changes:
    """What a release made now would change against the newest one, near enough to choose a step.

    Records that would be held out count as added; the exact numbers come with the cut.
    """
    previous = newest_release(dataset)
    new = selected(dataset).exclude(
        record_id__in=dataset.places.filter(split=Split.HELD_OUT).values("record_id")
    )
    added_waiting = waiting(dataset).count()
    if previous is None:
        return Changes(added=new.count() + added_waiting)
    pinned = previous.pins.values("record__record_id")
    fresh = new.values("record_id")
    removed = previous.pins.exclude(record__record_id__in=fresh).count()
    same = previous.pins.filter(record__record_id__in=fresh)
    changed = same.exclude(
        record__content_sha256=Subquery(
            new.filter(record_id=OuterRef("record__record_id")).values("content_sha256")[:1]
        )
    ).count()
    added = new.exclude(record_id__in=pinned).count()
    return Changes(added=added + added_waiting, removed=removed, changed=changed)


def coverage(dataset: Dataset) -> list[dict[str, Any]]:
    """One row for each domain: records by difficulty 1 to 5, and their sum. A domain that is wanted and
    has nothing in it or below it has an empty row."""
    rows = selected(dataset).order_by().values("domain", "difficulty").annotate(n=Count("pk"))
    table: dict[str, dict[int, int]] = {}
    for row in rows.order_by("domain", "difficulty"):
        table.setdefault(row["domain"], {})[row["difficulty"]] = row["n"]
    for wanted in targets_of(dataset).get("domain", {}):
        if not any(domain == wanted or domain.startswith(f"{wanted}.") for domain in table):
            table[wanted] = {}
    most = max((n for cells in table.values() for n in cells.values()), default=0)
    return [
        {
            "domain": domain,
            "cells": [
                {
                    "n": cells.get(level, 0),
                    "heat": -(-4 * cells.get(level, 0) // most) if most else 0,
                }
                for level in range(1, 6)
            ],
            "total": sum(cells.values()),
        }
        for domain, cells in sorted(table.items())
    ]


def targets_of(dataset: Dataset) -> dict[str, dict[str, int]]:
    """{axis: {value: records wanted}}: the data set's own targets, else those of its projects together."""
    if dataset.coverage_targets:
        return {
            axis: {value: int(n) for value, n in wanted.items()}
            for axis, wanted in dataset.coverage_targets.items()
            if axis in AXES
        }
    found: dict[str, Counter[str]] = {}
    for project in dataset.projects.all():
        for axis, wanted in current_version(project).coverage_targets.items():
            if axis in AXES and isinstance(wanted, dict):
                found.setdefault(axis, Counter()).update({v: int(n) for v, n in wanted.items()})
    return {axis: dict(wanted) for axis, wanted in found.items()}


def against_targets(dataset: Dataset, slices: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """Each target with what there is and what is missing; a domain counts all below it."""
    return [
        {
            "axis": axis,
            "value": value,
            "n": (number := _counted(slices[axis], axis, value)),
            "target": target,
            "missing": max(0, target - number),
            "percent": min(100, 100 * number // target) if target else 100,
        }
        for axis, wanted in targets_of(dataset).items()
        for value, target in sorted(wanted.items())
    ]


def _counted(values: dict[str, int], axis: str, wanted: str) -> int:
    below = f"{wanted}."
    return sum(
        n
        for value, n in values.items()
        if value == wanted or (axis == "domain" and value.startswith(below))
    )


def axis_values(dataset: Dataset, axis: str) -> list[str]:
    """The values that one axis takes among the frozen records of the data set's projects."""
    found = Record.objects.filter(project__in=dataset.projects.all()).order_by(axis)
    return [str(value) for value in found.values_list(axis, flat=True).distinct() if value != ""]


def datasets_with_newest(person: User) -> list[Dataset]:
    """Data sets that a person may see, each with `newest`, its newest published release or None."""
    shown = list(datasets_seen_by(person).prefetch_related("projects"))
    found: dict[int, Release] = {}
    published = Release.objects.filter(dataset__in=shown, state__in=UP_TO_DATE)
    for release in published.order_by("major", "minor", "patch"):
        found[release.dataset_id] = release
    for dataset in shown:
        dataset.newest = found.get(dataset.pk)  # type: ignore[attr-defined]
    return shown


def releases_seen_by(person: User, dataset: Dataset) -> QuerySet[Release]:
    """The data set's releases, newest first; unpublished ones for administrators alone."""
    found = dataset.releases.select_related("created_by", "published_by")
    return found if person.is_superuser else found.filter(state__in=UP_TO_DATE)


def total_bytes(release: Release) -> int:
    """The size of all files of a release."""
    return int(release.files.aggregate(total=Sum("bytes"))["total"] or 0)


def small_file(release: Release, path: str) -> bytes:
    """The content of one of the release's papers."""
    file = release.files.filter(path=path).first()
    if file is None:
        raise NoSuchRelease(f"Version {release.version} has no file “{path}”.")
    return b"".join(store.read(file.chunks))


def report_of(release: Release) -> list[dict[str, Any]]:
    """formats/report.json as rows: slug, title, records, rows, left_out, lost."""
    told = orjson.loads(small_file(release, "formats/report.json"))["formats"]
    return [{"slug": slug, "title": each["title"], **each["total"]} for slug, each in told.items()]


def downloads_of(release: Release) -> QuerySet[Download]:
    """Who fetched what of a release, newest first."""
    return release.downloads.select_related("person")


def withdrawals() -> QuerySet[Withdrawal]:
    """Every tombstone, newest first."""
    return Withdrawal.objects.select_related("project", "by")


def retention_ahead() -> list[dict[str, Any]]:
    """Dates on which approved records leave by their terms: {project, until, records}, soonest first."""
    rows: Any = (
        Record.objects.filter(retention_until__isnull=False, task__state=TaskState.APPROVED)
        .values(project_name=F("project__name"), until=F("retention_until"))
        .annotate(n=Count("record_id", distinct=True))
        .order_by("until", "project_name")
    )
    return list(rows[:50])


def checks_report(dataset: Dataset) -> list[dict[str, Any]]:
    """Each check with how many selected records it passed, and what it noted or was let stand in the rest."""
    chosen = selected(dataset).order_by().values("pk")
    looked: Counter[str] = Counter()
    for row in Record.objects.filter(pk__in=chosen).values("checks").annotate(n=Count("pk")):
        looked.update(dict.fromkeys(row["checks"], row["n"]))
    rows: Any = (
        Finding.objects.filter(revision__record__in=chosen)
        .values("check_id")
        .annotate(
            records=Count("revision", distinct=True),
            noted=Count("pk", filter=Q(severity="info")),
            waived=Count("pk", filter=Q(severity="warning")),
        )
        .order_by("check_id")
    )
    found = {row["check_id"]: row for row in rows}
    nothing = {"records": 0, "noted": 0, "waived": 0}
    return [
        {
            **found.get(check, nothing),
            "check_id": check,
            "passed": max(0, looked[check] - found.get(check, nothing)["records"]),
        }
        for check in sorted({*looked, *found})
    ]


def sample_of(release: Release, most: int, wanted: str = "") -> list[CanonicalRecord]:
    """Up to `most` records of a release as they ship, the wanted one first."""
    pins = release.pins.select_related("record").order_by("split", "ordinal")
    chosen = list(pins.filter(record__record_id=wanted)[:1]) if _is_uuid(wanted) else []
    rest = pins.exclude(pk__in=[pin.pk for pin in chosen])[: most - len(chosen)]
    return [
        CanonicalRecord(
            released(
                pin.record.data, split=pin.split, mixture=pin.mixture, sample_weight=pin.weight
            )
        )
        for pin in [*chosen, *rest]
    ]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def last_progress(release: Release) -> datetime:
    """When the build last got further: its start, or its newest shard."""
    built = Shard.objects.filter(key__in=release.shards.values("key"))
    newest = built.aggregate(at=Max("built_at"))["at"]
    return max(release.state_since, newest) if newest else release.state_since
