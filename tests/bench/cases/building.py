"""Freezing approved responses, and building a release of all of them."""

from django.db import connection

from exports.enums import Bump
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.freeze import freeze_records
from tests.bench import world
from tests.bench.measure import Row, once
from tests.factories.exports import dataset_of


def rows(size, label):
    """The probe copies the frozen records out of the database."""
    studio = world.approved_tasks(size)
    dataset = dataset_of(studio, slug=f"bench-{label}")
    freezing = once(freeze_records)

    def copy():
        rows_out = "COPY (SELECT data FROM exports_record ORDER BY id) TO STDOUT"
        with connection.cursor() as cursor, cursor.copy(rows_out) as out:
            for _ in out:
                pass

    probe = once(copy)
    yield Row.of_bulk(
        "release.freeze", label, rows=size, seconds=freezing, probe="COPY TO", probe_seconds=probe
    )

    def build():
        release = cut_release(dataset=dataset, bump=Bump.MAJOR, person=None)
        build_here(release=release)

    yield Row.of_bulk(
        "release.build", label, rows=size, seconds=once(build), probe="COPY TO", probe_seconds=probe
    )
