"""Freezing approved responses, building a release of all of them, the next one, and verifying it."""

import hashlib
import tempfile
from pathlib import Path

from django.db import connection

from exports.enums import Bump
from exports.keys import verifying_key
from exports.models import Record
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.deliver import write_directory
from exports.services.freeze import freeze_records
from exports.services.publish import publish_release
from exports.verify import verify
from tests.bench import world
from tests.bench.measure import Row, once
from tests.factories.exports import dataset_of


def rows(size, label):
    """The probes: COPY of the frozen records out of the database, and SHA-256 over the same files."""
    studio = world.approved_tasks(size)
    dataset = dataset_of(studio, slug=f"bench-{label}")
    freezing = once(freeze_records)
    probe = once(copy_out)
    yield Row.of_bulk(
        "release.freeze", label, rows=size, seconds=freezing, probe="COPY TO", probe_seconds=probe
    )
    first = once(lambda: publish(dataset, Bump.MAJOR))
    yield Row.of_bulk(
        "release.build", label, rows=size, seconds=first, probe="COPY TO", probe_seconds=probe
    )
    more(size // 100)
    following = once(lambda: publish(dataset, Bump.MINOR))
    yield Row.of_bulk(
        "release.next",
        label,
        rows=size,
        seconds=following,
        probe="release.build",
        probe_seconds=first,
    )
    yield from verifying(dataset, size, label)


def copy_out():
    rows_out = "COPY (SELECT data FROM exports_record ORDER BY id) TO STDOUT"
    with connection.cursor() as cursor, cursor.copy(rows_out) as out:
        for _ in out:
            pass


def publish(dataset, bump):
    release = build_here(release=cut_release(dataset=dataset, bump=bump, person=None))
    return publish_release(release=release, person=None)


def more(count):
    """One record in a hundred more, as if approved since."""
    template = Record.objects.order_by("pk").first()
    world.copy_rows(
        Record, template, count, first=50_000_000, record_id="gen_random_uuid()",
        revision_id="-1 - n", group_key="'more-' || n",
    )  # fmt: skip


def verifying(dataset, size, label):
    with tempfile.TemporaryDirectory() as folder:
        target = write_directory(
            release=dataset.releases.latest("pk"), target=Path(folder) / "release"
        )

        def check():
            assert verify(target, verifying_key()).faults == []

        hashed = once(lambda: digests(target))
        yield Row.of_bulk(
            "release.verify",
            label,
            rows=size,
            seconds=once(check),
            probe="sha256",
            probe_seconds=hashed,
        )


def digests(target):
    for path in sorted(target.rglob("*")):
        if path.is_file():
            with path.open("rb") as source:
                hashlib.file_digest(source, "sha256")
