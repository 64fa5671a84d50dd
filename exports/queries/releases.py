"""Releases: their records, figures, files and how far a build is."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import orjson
from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum

from annotation.enums import TaskState
from annotation.known import INSTRUCTION, TASK
from corpus.queries import waived_hits
from experts.models import User
from exports import store
from exports.enums import ReleaseState, Split
from exports.errors import NoSuchRelease
from exports.models import Dataset, Download, Release, Shard, Withdrawal
from exports.queries.holding import HELD, held_by
from exports.queries.selecting import ref_in, scopes_of, selected, waiting
from exports.versions import Changes

Number = TypeVar("Number", int, float)
UP_TO_DATE = [ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN]


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


def unpublished_releases(dataset: Dataset) -> QuerySet[Release]:
    """The data set's builds that were never published, newest first."""
    return dataset.releases.filter(published_at__isnull=True).order_by("-pk")


def published_releases(dataset: Dataset) -> QuerySet[Release]:
    """Published and withdrawn releases, newest version first."""
    return dataset.releases.filter(state__in=UP_TO_DATE).order_by("-major", "-minor", "-patch")


def newest_release(dataset: Dataset) -> Release | None:
    """The published release with the highest version, withdrawn ones included."""
    return published_releases(dataset).first()


def in_order(splits: Mapping[str, Number]) -> dict[str, Number]:
    """The splits that hold something: train, validation, test."""
    return {s.value: splits[s.value] for s in Split if splits.get(s.value)}


def named_pins(release: Release) -> QuerySet[Any]:
    """The release's records with the names under which the corpus knows their two texts."""
    return release.pins.order_by().annotate(
        task_ref=ref_in(TASK, "record__task_id"),
        asked_ref=ref_in(INSTRUCTION, "record__task__instruction_id"),
    )


def waivers(release: Release) -> list[dict[str, Any]]:
    """Protected items that were let stand in the release's records: benchmark, item, share of it met,
    and the reason, each named once with how many records it concerns."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    pins = named_pins(release)
    hits = list(waived_hits(scopes_of(release.dataset)))
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


def withdrawn_since(release: Release) -> int:
    """How many of the release's records were withdrawn after it was cut."""
    gone = Exists(Withdrawal.objects.filter(record_id=OuterRef("record__record_id")))
    return release.pins.filter(gone | ~Q(record__task__state=TaskState.APPROVED)).count()


def attachment_digests(release: Release) -> Iterator[str]:
    """SHA-256 of every file that the release's records refer to, each once, in order: images and documents, and
    runs of agents as their makers wrote them."""
    found = _digests(release, _NATIVE)
    if release.shape.get("attachments"):
        found |= _digests(release, _ATTACHED)
    yield from sorted(found)


_ATTACHED = f"""
SELECT DISTINCT attachment->>'sha256'
FROM exports_pin pin
JOIN exports_record record ON record.id = pin.record_id AND record.has_attachments,
LATERAL jsonb_array_elements(record.data::jsonb->'attachments') attachment
WHERE {HELD}
"""
_NATIVE = f"""
SELECT DISTINCT record.data::jsonb #>> '{{target,native,sha256}}'
FROM exports_record record
JOIN exports_pin pin ON pin.record_id = record.id AND {HELD}
WHERE record.kind = 'trajectory'
"""


def _digests(release: Release, question: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(question, held_by(release))
        return {digest for (digest,) in cursor.fetchall() if digest}


def planned_changes(dataset: Dataset) -> Changes:
    """What a release made now would change against the newest one, near enough to choose a step.

    Records that would be held out count as added; the exact numbers come with the cut.
    """
    previous = newest_release(dataset)
    held_out = dataset.places.filter(split=Split.HELD_OUT).values("record_id")
    planned: Any = selected(dataset).exclude(record_id__in=held_out).order_by()
    to_come = waiting(dataset).count()
    if previous is None:
        return Changes(added=planned.count() + to_come)
    new, of_new = planned.values("record_id", "content_sha256").query.sql_with_params()
    held = previous.pins.values("record__record_id", "record__content_sha256")
    old, of_old = held.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FILTER (WHERE old.record_id IS NULL),
                   count(*) FILTER (WHERE new.record_id IS NULL),
                   count(*) FILTER (WHERE old.content_sha256 <> new.content_sha256)
            FROM ({new}) new(record_id, content_sha256)
            FULL JOIN ({old}) old(record_id, content_sha256) USING (record_id)
            """,
            [*of_new, *of_old],
        )
        added, removed, changed = cursor.fetchone()
    return Changes(added=added + to_come, removed=removed, changed=changed)


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


def last_progress(release: Release) -> datetime:
    """When the build last got further: its start, or its newest shard."""
    built = Shard.objects.filter(key__in=release.shards.values("key"))
    newest = built.aggregate(at=Max("built_at"))["at"]
    return max(release.state_since, newest) if newest else release.state_since
