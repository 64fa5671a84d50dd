"""Publish a finished release, and withdraw a published one."""

from django.db import transaction
from django.utils import timezone

from experts.models import User
from exports import queries
from exports.enums import Reason
from exports.errors import ReleaseOvertaken
from exports.models import Dataset, Release
from exports.services.move import lock_release, move_release
from lib.errors import Invalid


@transaction.atomic
def publish_release(*, release: Release, person: User | None) -> Release:
    """Make a built release visible for good.

    Raises ReleaseOvertaken when its predecessor is not the newest any more, and Invalid when a
    record in it was withdrawn since it was cut.
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
    move_or_refuse = locked.state in queries.UP_TO_DATE
    if move_or_refuse:
        raise Invalid("A published release is never deleted.", advice="Withdraw it instead.")
    locked.delete()
