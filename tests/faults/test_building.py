"""A worker that dies in the middle of a build costs the shard it was at, and nothing else."""

import os
import signal
import uuid

import pytest

from config.celery import return_unfinished_jobs
from exports import queries
from exports.enums import Bump, ReleaseState
from exports.keys import verifying_key
from exports.models import Record, Release, Shard
from exports.services import lay_out
from exports.services.build import send_shards, start_build
from exports.services.cut import cut_release
from exports.services.deliver import rebuild_directory, write_directory
from exports.services.freeze import freeze_records
from exports.verify import verify
from tests.bench import world
from tests.exports import workers
from tests.factories.exports import approved, dataset_of

RECORDS, SHARD = 3_000, 128


@pytest.fixture
def many(studio, monkeypatch):
    """A data set of thousands of records in dozens of shards."""
    monkeypatch.setattr(lay_out, "SHARD_RECORDS", SHARD)
    approved(studio, "A careful answer. " * 130)
    freeze_records()
    template = Record.objects.get()
    number = "30000000 + n"
    own = f"md5('one ' || ({number}))::uuid"
    world.copy_rows(
        type(template.task),
        template.task,
        RECORDS,
        first=30_000_000,
        key=own,
        instruction_id=number,
    )
    world.copy_rows(
        type(template.revision), template.revision, RECORDS, first=30_000_000, task_id=number
    )
    world.copy_rows(
        Record, template, RECORDS, first=30_000_000, record_id=own, revision_id=number, task_id=number,
        group_key=f"'g' || ({number})", data=f"replace(t.data, '{template.record_id}', {own}::text)",
    )  # fmt: skip
    return dataset_of(studio)


@pytest.fixture
def crew(tmp_path):
    """Start workers on a queue of their own; none outlives the test."""
    started = []
    queue = f"building-{uuid.uuid4()}"
    with workers.real_broker(queue):

        def start():
            started.append(workers.start(queue, tmp_path / "log"))
            return started[-1]

        yield start
        for process in started:
            workers.kill(process)


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_costs_one_shard(many, crew, tmp_path):
    release = cut_release(dataset=many, bump=Bump.MAJOR, person=None)
    total = release.shards.count()
    first, second = crew(), crew()
    start_build(release=release, person=None)
    assert workers.wait_until(lambda: queries.built_shards(release).count() >= 3)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    kept = dict(Shard.objects.values_list("key", "built_at"))
    assert 3 <= len(kept) < total
    ready = Release.objects.filter(pk=release.pk, state=ReleaseState.READY)
    if not workers.wait_until(ready.exists, 20):
        # The job of the dead worker comes back when its time is over; the clock sends it before.
        assert queries.missing_shards(release).count() <= 1
        return_unfinished_jobs()
        send_shards(Release.objects.get(pk=release.pk))
    assert workers.wait_until(ready.exists)
    assert second.poll() is None
    after = dict(Shard.objects.values_list("key", "built_at"))
    assert len(after) == total
    assert {key: after[key] for key in kept} == kept
    release.refresh_from_db()
    target = write_directory(release=release, target=tmp_path / "release")
    assert verify(target, verifying_key()).faults == []
    assert rebuild_directory(release=release, target=tmp_path / "again")
