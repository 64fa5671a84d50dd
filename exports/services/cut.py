"""Cut a release: decide what is in it, where each record stands, and what its version says."""

from django.db import transaction
from django.utils import timezone

from audit.services import record
from experts.models import User
from exports import diffs, queries, versions
from exports.enums import Bump
from exports.errors import EmptySelection, EmptySide, VersionTooSmall
from exports.models import Dataset, Release
from exports.services.choose import choose_records, pin_chosen
from exports.services.freeze import freeze_records
from exports.services.lay_out import lay_out
from exports.services.places import give_places
from exports.services.snapshot import snapshot
from exports.tally import shape
from review.services.give_verdict import settle_projects


def cut_release(*, dataset: Dataset, bump: str, person: User | None) -> Release:
    """A draft of the next release, everything pinned; nothing is written to files yet.

    An empty `bump` takes the smallest step that tells the truth about what changed. Raises
    EmptySelection, EmptySide, or VersionTooSmall when the changes ask for more than `bump`.
    """
    settle_projects(dataset.projects.values_list("pk", flat=True))
    freeze_records(projects=dataset.projects.all())
    with transaction.atomic():
        locked = Dataset.objects.select_for_update().get(pk=dataset.pk)
        if not choose_records(locked):
            raise EmptySelection
        give_places(locked)
        previous = queries.newest_release(locked)
        release = _draft(locked, previous, bump or Bump.MAJOR, person)
        pin_chosen(locked, release)
        release.tally = queries.tally_of(release)
        _require_every_side(locked, release)
        changed = diffs.by_domain(previous, release)
        changes = diffs.total(changed)
        _require_step(previous, bump or Bump.MAJOR, changes)
        if not bump:
            _step(release, versions.least_bump(changes))
        release.shape = shape(release.tally)
        release.snapshot = snapshot(release, changed)
        release.shards_total = lay_out(release)
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


def _require_every_side(dataset: Dataset, release: Release) -> None:
    counts = release.tally["split"]
    sides = [side for side in ("train", "validation", "test") if dataset.shares.get(side)]
    empty = [side for side in sides if not counts.get(side)]
    if empty:
        held = sum(counts.values())
        raise EmptySide(
            f"The {' and '.join(empty)} part would be empty: {held} "
            f"{'record' if held == 1 else 'records'} cannot fill every part.",
            advice="Set the share of that part to 0 in the dataset's settings, or wait for more records.",
        )
