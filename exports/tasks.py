"""Jobs of the releasing side; each is safe to repeat."""

from contextlib import suppress

from celery import shared_task

from exports.errors import BuildUnderWay
from exports.models import Release
from exports.services import build, clear_chunks, delivery, freeze, publish, withdraw


@shared_task(name="exports.tasks.build_shard")
def build_shard(release_id: int, shard_id: int) -> None:
    """Build one shard of a release."""
    build.build_one(release_id=release_id, shard_id=shard_id)


@shared_task(name="exports.tasks.finish_release")
def finish_release(release_id: int) -> None:
    """Put a release together whose shards are all built."""
    build.finish_if_building(release_id=release_id)


@shared_task(name="exports.tasks.make_released_known")
def make_released_known(release_id: int) -> None:
    """Hold the texts of every project against what a release carries."""
    publish.make_released_known(release=Release.objects.get(pk=release_id))


@shared_task(name="exports.tasks.freeze_records")
def freeze_records() -> None:
    """Freeze what was approved since the last time."""
    freeze.freeze_records()


@shared_task(name="exports.tasks.freeze_task")
def freeze_task(task_id: int) -> None:
    """Freeze one task that was just approved."""
    freeze.freeze_task(task_id=task_id)


@shared_task(name="exports.tasks.send_unfinished")
def send_unfinished() -> None:
    """Send jobs again that a build may have lost."""
    build.send_unfinished()


@shared_task(name="exports.tasks.deliver")
def deliver(delivery_id: int) -> None:
    """Send a release to a store."""
    delivery.run_delivery(delivery_id=delivery_id)


@shared_task(name="exports.tasks.clear_chunks")
def clear_unused_chunks() -> None:
    """Remove stored pieces that no release refers to; while a build is at work, another night."""
    with suppress(BuildUnderWay):
        clear_chunks.clear_chunks()


@shared_task(name="exports.tasks.end_retention")
def end_retention() -> None:
    """Take back what may be kept no longer."""
    withdraw.end_retention()
