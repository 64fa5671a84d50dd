"""The REST interface: a page of a long list, and a file of instructions from the request to the last row."""

import tempfile
from base64 import b64decode, b64encode
from urllib.parse import parse_qs, urlencode, urlsplit

from django.db import connection
from django.test import Client
from knox.models import AuthToken

from annotation.models import ImportRun, Instruction, Task
from annotation.services.import_runs import carry_out_import, rehearse_import
from experts.enums import Role
from tests.bench import world
from tests.bench.cases.importing import copied_again, copy_into_same_table, jobs_queued, lines_of
from tests.bench.measure import Row, once, timed
from tests.factories.annotation import ProjectVersionFactory
from tests.factories.experts import DomainFactory, person_with

PAGES = 60
PAGE = 100


def listing(size, label):
    """A page of a hundred tasks from the beginning and one from far behind, against reading those rows."""
    place = world.open_tasks(size)
    ask = _program_of(person_with(place.project, Role.LEAD))
    first = f"/api/v1/projects/{place.project.slug}/tasks/?page_size={PAGE}"
    probe = timed(lambda _: _rows_behind(place.first), range(PAGES))
    deep = _address_behind(ask(first)["next"], place.first + size * 9 // 10)
    for case, address in (("api.list", first), ("api.list.deep", deep)):
        timing = timed(lambda _, address=address: ask(address), range(PAGES))
        assert len(ask(address)["results"]) == PAGE
        yield Row.of(case, label, timing, probe="SELECT 100 rows", probe_timing=probe)


def importing(size, label):
    """Sent, rehearsed, started and carried out, against COPY of finished rows into the same table."""
    project = ProjectVersionFactory().project
    DomainFactory()
    ask = _program_of(person_with(project, Role.LEAD))
    place = f"/api/v1/projects/{project.slug}/imports/"
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file, jobs_queued():
        for line in lines_of(size):
            file.write(line + b"\n")
        file.seek(0)

        def through():
            key = ask(place, {"file": file})["key"]
            run = ImportRun.objects.get(key=key)
            rehearse_import(run_id=run.pk)
            ask(f"{place}{key}/start/", {})
            carry_out_import(run_id=run.pk)

        seconds = once(through)
    assert Instruction.objects.count() == size
    columns, parts = copied_again()
    probe = once(lambda: copy_into_same_table(columns, parts))
    yield Row.of_bulk(
        "api.import",
        label,
        rows=size,
        seconds=seconds,
        probe="COPY same table",
        probe_seconds=probe,
    )


def _program_of(person):
    """Asks with a token of that person: GET, or POST when something is sent."""
    _, token = AuthToken.objects.create(person)
    client = Client(headers={"Authorization": f"Token {token}"})

    def ask(address, sent=None):
        answer = client.get(address) if sent is None else client.post(address, sent)
        assert answer.status_code in {200, 202}, answer.content[:300]
        return answer.json()

    return ask


def _rows_behind(first):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM {Task._meta.db_table} WHERE id >= %s ORDER BY id LIMIT %s",
            [first, PAGE],
        )
        cursor.fetchall()


def _address_behind(following, key):
    """The address of a page behind that key: the cursor of the second page, moved on."""
    parts = urlsplit(following)
    asked = parse_qs(parts.query)
    position = parse_qs(b64decode(asked["cursor"][0]).decode())
    cursor = b64encode(urlencode({**position, "p": [key]}, doseq=True).encode()).decode()
    return f"{parts.path}?{urlencode({**asked, 'cursor': [cursor]}, doseq=True)}"
