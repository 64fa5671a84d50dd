"""Reading a file of instructions into a project."""

import io
import tempfile
from contextlib import contextmanager
from pathlib import Path

import orjson
from celery import current_app
from django.core.management import call_command
from django.db import connection

from annotation.models import Instruction
from annotation.services import import_instructions  # noqa: F401  (loads modules before the clock runs)
from tests.bench.measure import Row, once
from tests.factories.annotation import ProjectVersionFactory
from tests.factories.experts import DomainFactory


def lines_of(size):
    """Instructions as JSON Lines, about 300 bytes each."""
    for number in range(size):
        question = f"How is case {number} treated today? " * 6
        yield orjson.dumps({
            "id": f"row-{number}",
            "messages": [{"role": "user", "content": question}],
            "domain": "medicine",
        })  # fmt: skip


@contextmanager
def jobs_queued():
    """Jobs go to the broker, as in an installation; the tests' settings would run them inside the import."""
    before = current_app.conf.task_always_eager
    current_app.conf.task_always_eager = False
    try:
        yield
    finally:
        current_app.conf.task_always_eager = before


def copy_into_bare_table(size):
    """The lines of the file into one column without an index: as quick as the server can take them."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_copy (line jsonb)")
        with cursor.copy("COPY bench_copy FROM STDIN") as into:
            for line in lines_of(size):
                into.write_row([line.decode()])


def copied_again():
    """All instructions in COPY's own format, with other identities, so that the table takes them again."""
    fresh = {
        "id": "nextval(pg_get_serial_sequence('annotation_instruction', 'id'))",
        "key": "gen_random_uuid()",
        "series": "gen_random_uuid()",
        "content_sha256": "sha256(content_sha256)",
    }
    columns = [field.column for field in Instruction._meta.concrete_fields]
    chosen = ", ".join(fresh.get(column, column) for column in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY (SELECT {chosen} FROM annotation_instruction) TO STDOUT") as out,
    ):
        return columns, [bytes(part) for part in out]


def copy_into_same_table(columns, parts):
    """Finished rows into the table of instructions, with its indexes and constraints; no tasks."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY annotation_instruction ({', '.join(columns)}) FROM STDIN") as into,
    ):
        for part in parts:
            into.write(part)


def rows(size, label):
    """A JSONL file of `size` rows, beside two probes: `import` against COPY of finished instructions into
    the same table, `import.bare` against COPY of the lines into a table that has nothing."""
    project = ProjectVersionFactory().project
    DomainFactory()
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        for line in lines_of(size):
            file.write(line + b"\n")
        file.flush()

        def read():
            command = ("import_instructions", str(Path(file.name)))
            call_command(*command, project=project.slug, stdout=io.StringIO())

        with jobs_queued():
            seconds = once(read)
    assert Instruction.objects.count() == size
    columns, parts = copied_again()
    same = once(lambda: copy_into_same_table(columns, parts))
    bare = once(lambda: copy_into_bare_table(size))
    for case, probe, took in (
        ("import", "COPY same table", same),
        ("import.bare", "COPY bare table", bare),
    ):
        yield Row.of_bulk(case, label, rows=size, seconds=seconds, probe=probe, probe_seconds=took)
