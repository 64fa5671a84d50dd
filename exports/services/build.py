"""Build a release from its shards: in this process, or spread over the workers."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from experts.models import User
from exports import queries
from exports.enums import ReleaseState
from exports.errors import BuildStopped
from exports.models import Release, ReleaseShard
from exports.services.build_shard import build_shard, forget_damaged
from exports.services.finish import finish_release
from exports.services.move import lock_release, move_release
from lib.errors import DomainError
from lib.jobs import enqueue_on_commit

Report = Callable[[int, int], None]
STANDSTILL = timedelta(minutes=5)
"""A build without a new shard for this long has lost its jobs."""


@transaction.atomic
def start_build(*, release: Release, person: User | None, inline: bool = False) -> Release:
    """Begin, or go on after a stop. Unless `inline`, the workers get one job for each missing shard."""
    locked = lock_release(release.pk)
    verb = "resume" if locked.state == ReleaseState.FAILED else "build"
    move_release(release=locked, verb=verb, actor=person, changes={"problem": ""})
    forget_damaged(locked)
    if not inline:
        send_shards(locked)
    return locked


def send_shards(release: Release) -> None:
    """One job for each shard that is missing; with none, the job that puts the release together."""
    missing = list(queries.missing_shards(release).values_list("pk", flat=True))
    for pk in missing:
        enqueue_on_commit("exports.tasks.build_shard", release_id=release.pk, shard_id=pk)
    if not missing:
        enqueue_on_commit("exports.tasks.finish_release", release_id=release.pk)


def build_here(
    *, release: Release, person: User | None = None, report: Report | None = None
) -> Release:
    """Build everything in this process; `report(done, total)` is told after each shard.

    A failure leaves the release stopped, with its reason, and keeps the finished shards.
    """
    started = start_build(release=release, person=person, inline=True)
    try:
        total = started.shards.count()
        done = total - queries.missing_shards(started).count()
        for shard in queries.missing_shards(started):
            build_shard(release=started, shard=shard)
            done += 1
            if report:
                report(done, total)
        return finish_release(release=started, actor=person)
    except BaseException as error:
        stop_build(release=started, problem=problem_of(error))
        raise


def build_one(*, release_id: int, shard_id: int) -> None:
    """A worker's job: build one shard, and finish when it was the last. Safe to repeat."""
    release = Release.objects.select_related("dataset").get(pk=release_id)
    if release.state != ReleaseState.BUILDING:
        return
    shard = ReleaseShard.objects.get(pk=shard_id)
    try:
        build_shard(release=release, shard=shard)
    except Exception as error:
        stop_build(release=release, problem=problem_of(error))
        raise
    if not queries.missing_shards(release).exists():
        finish_if_building(release_id=release_id)


def finish_if_building(*, release_id: int) -> None:
    """Put the release together, unless another worker did so or somebody stopped it."""
    release = Release.objects.select_related("dataset", "previous").get(pk=release_id)
    if release.state != ReleaseState.BUILDING:
        return
    try:
        finish_release(release=release)
    except BuildStopped:
        return
    except Exception as error:
        stop_build(release=release, problem=problem_of(error))
        raise


@transaction.atomic
def stop_build(*, release: Release, problem: str) -> None:
    """The build failed: keep why, unless it ended some other way meanwhile."""
    locked = lock_release(release.pk)
    if locked.state == ReleaseState.BUILDING:
        move_release(
            release=locked, verb="fail", actor=None, changes={"problem": problem}, problem=problem
        )


@transaction.atomic
def cancel_build(*, release: Release, person: User) -> Release:
    """Stop a build on request; it can go on from where it was."""
    locked = lock_release(release.pk)
    problem = f"Stopped by {person}."
    return move_release(release=locked, verb="cancel", actor=person, changes={"problem": problem})


def problem_of(error: BaseException) -> str:
    """What went wrong, in words that fit a page."""
    if isinstance(error, DomainError):
        return f"{error.message} {error.advice}".strip()
    if isinstance(error, OSError):
        return f"The files could not be written ({error.strerror or error}). Free some space and resume."
    if isinstance(error, KeyboardInterrupt):
        return "The building process was interrupted."
    return f"An unexpected fault stopped the build ({type(error).__name__}: {error})."


def send_unfinished() -> int:
    """Send the jobs of builds that stand still (a broker that was down); returns how many builds."""
    still = [
        release
        for release in Release.objects.filter(state=ReleaseState.BUILDING)
        if queries.last_progress(release) < timezone.now() - STANDSTILL
    ]
    for release in still:
        with transaction.atomic():
            send_shards(release)
    return len(still)
