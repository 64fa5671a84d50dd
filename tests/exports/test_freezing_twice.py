"""Freezing holds what it reads, and a revision keeps the record it has."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from exports.models import Record
from exports.services import freeze
from tests.factories.exports import approved


def test_tasks_are_locked_while_their_records_are_written(studio):
    approved(studio, "A careful answer.")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert freeze.freeze_records() == 1
    assert any(
        "annotation_task" in query["sql"] and "FOR UPDATE" in query["sql"] for query in queries
    )
    assert freeze.freeze_records() == 0


def test_a_record_written_by_another_worker_meanwhile_stays(studio):
    approved(studio, "A careful answer.")
    freeze.freeze_records()
    kept = Record.objects.values().get()
    again = Record(**kept)
    again.data = "{}"
    freeze._insert([again])
    assert Record.objects.values().get() == kept
