"""Publish a finished release, and withdraw a published one."""

from itertools import islice

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from annotation.services.look_up import mark_as_released
from audit.services import record
from experts.models import User
from exports import queries
from exports.enums import Reason, ReleaseState
from exports.errors import ReleaseOvertaken
from exports.holds import held_since
from exports.models import Dataset, Release
from exports.services.move import lock_release, move_release
from lib.errors import Conflict, Invalid
from lib.jobs import enqueue_on_commit


@transaction.atomic
def publish_release(*, release: Release, person: User | None) -> Release:
    """Make a built release visible for good.

    Raises ReleaseOvertaken when its predecessor is not the newest any more, and Invalid when a
    record in it was withdrawn or held since it was cut.
    """
    Dataset.objects.select_for_update().get(pk=release.dataset_id)
    locked = lock_release(release.pk)
    newest = queries.newest_release(locked.dataset)
    if (newest.pk if newest else None) != locked.previous_id:
        raise ReleaseOvertaken
    gone = queries.withdrawn_since(locked)
    if gone:
        raise Invalid(
            f"{gone} of its records {'was' if gone == 1 else 'were'} withdrawn after it was cut.",
            advice="Build the release again; it will leave them out.",
        )
    held = held_since(locked)
    if held:
        raise Invalid(
            f"{held} of its records {'is' if held == 1 else 'are'} held since it was cut: a protected item was met, "
            "or a like text waits for a decision.",
            advice="Settle them under Duplicates and Contamination of the project, or build again without them.",
        )
    enqueue_on_commit("exports.tasks.make_released_known", release_id=locked.pk)
    return move_release(
        release=locked,
        verb="publish",
        actor=person,
        changes={"published_at": timezone.now(), "published_by": person},
        manifest_sha256=locked.manifest_sha256,
    )


@transaction.atomic
def withdraw_release(*, release: Release, person: User, reason: str, note: str) -> Release:
    """Mark a published release as withdrawn; its files stay as they are, for those who must compare."""
    if reason not in Reason.values:
        raise Invalid("Choose a reason.", advice="Say why the release is withdrawn.")
    if not note.strip():
        raise Invalid("Say in a few words why the release is withdrawn: its readers will see it.")
    locked = lock_release(release.pk)
    return move_release(
        release=locked,
        verb="withdraw",
        actor=person,
        changes={"withdrawn_reason": reason, "withdrawn_note": note.strip()},
        reason=reason,
    )


@transaction.atomic
def discard_release(*, release: Release, person: User) -> None:
    """Take back a release that was never published; shards it shares with others stay."""
    locked = lock_release(release.pk)
    if locked.state in queries.UP_TO_DATE:
        raise Invalid("A published release is never deleted.", advice="Withdraw it instead.")
    if locked.state == ReleaseState.BUILDING:
        raise Conflict("This release is being built.", advice="Cancel the build first.")
    if locked.state == ReleaseState.READY:
        move_release(release=locked, verb="discard", actor=person)
    record(
        verb="exports.release_discarded",
        actor=person,
        target=locked,
        dataset=locked.dataset.slug,
        version=locked.version,
    )
    dataset = locked.dataset
    locked.delete()
    unheld = ~Exists(dataset.releases.filter(pk__gte=OuterRef("since"), pk__lt=OuterRef("until")))
    dataset.pins.filter(unheld).delete()


def make_released_known(*, release: Release) -> None:
    """Hold the texts of every project against those that are new in this release."""
    before = queries.published_releases(release.dataset).filter(pk__lt=release.pk).first()
    new = release.pins.order_by("pk")
    if before is not None:
        fresh = new.filter(since__gt=before.pk)
        new = fresh.exclude(record__in=before.pins.values("record"))
    rows = new.values_list("record__revision_id", flat=True).iterator(chunk_size=2000)
    while revisions := list(islice(rows, 2000)):
        mark_as_released(revisions=revisions)
