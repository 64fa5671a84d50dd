"""Reading a file of instructions into a project."""

import io
import tempfile
from pathlib import Path

import orjson
from django.core.management import call_command
from django.db import connection

from annotation.models import Instruction
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


def rows(size, label):
    """A JSONL file of `size` rows; the probe copies the same lines into a bare table."""
    project = ProjectVersionFactory().project
    DomainFactory()

    def copy():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_copy (line jsonb)")
            with cursor.copy("COPY bench_copy FROM STDIN") as into:
                for line in lines_of(size):
                    into.write_row([line.decode()])

    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        for line in lines_of(size):
            file.write(line + b"\n")
        file.flush()
        probe = once(copy)

        def read():
            command = ("import_instructions", str(Path(file.name)))
            call_command(*command, project=project.slug, stdout=io.StringIO())

        seconds = once(read)
    assert Instruction.objects.count() == size
    yield Row.of_bulk(
        "import", label, rows=size, seconds=seconds, probe="COPY FROM", probe_seconds=probe
    )
