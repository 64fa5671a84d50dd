"""Freezing approved responses; building a release of records of 400 words, the next one, verifying it,
downloading it.

Up to 100,000 records a release carries every format, some 60 KB a record; a million carries one beside the
canonical records and both Parquet configurations, because all of them would not fit on a usual disk.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from django.db import connection
from django.test import Client
from django.urls import reverse

from annotation.models import Revision, Task
from exports.enums import Bump, ReleaseState
from exports.keys import verifying_key
from exports.models import Record, Release
from exports.services.build import start_build
from exports.services.cut import cut_release
from exports.services.deliver import write_directory
from exports.services.freeze import freeze_records
from exports.verify import verify
from tests.bench import world
from tests.bench.measure import Row, once
from tests.exports import workers
from tests.factories.experts import UserFactory
from tests.factories.exports import dataset_of

FROZEN = 10_000
ALL_FORMATS_UP_TO = 100_000
WORKERS_UP_TO = 100_000
ONE = ["openai"]
FIRST = 50_000_000


def rows(size, label):
    """The probes: COPY of the frozen records out of the database, and SHA-256 over the same files."""
    studio = world.approved_tasks(min(size, FROZEN))
    frozen = once(freeze_records)
    yield bulk("release.freeze", label, min(size, FROZEN), frozen, "COPY TO", once(copy_out))
    formats = [] if size <= ALL_FORMATS_UP_TO else ONE
    dataset = dataset_of(studio, slug=f"bench-{label}", formats=formats)
    dataset.selection = {"domains": [stocked(size)]}
    dataset.save()
    copied = once(copy_out)
    first = publish(dataset, Bump.MAJOR)
    yield bulk("release.build", label, size, first["seconds"], "COPY TO", copied, first)
    yield of_bytes(label, first, copied)
    more(size, size // 100)
    following = publish(dataset, Bump.MINOR)
    yield bulk(
        "release.next",
        label,
        size,
        following["seconds"],
        "release.build",
        first["seconds"],
        following,
    )
    yield from verifying(dataset, size, label)
    yield downloading(dataset, label, size, copied)
    if size <= WORKERS_UP_TO:
        yield workers_row(studio, dataset, size, label)


def bulk(case, label, size, seconds, probe, probe_seconds, told=None):
    row = Row.of_bulk(
        case, label, rows=size, seconds=seconds, probe=probe, probe_seconds=probe_seconds
    )
    if told:
        row.rss_mb = told["rss_mb"]
    return row


def of_bytes(label, told, copied):
    """The same build by the bytes that it wrote: a release holds each record many times over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(octet_length(data)) FROM exports_record WHERE domain = 'bench'")
        probe = cursor.fetchone()[0] / copied / 1e6
    rate = told["bytes"] / told["seconds"] / 1e6
    return Row(
        "release.bytes", label, 1, rate, "MB per second", None, None, "COPY TO", probe / rate,
        told["rss_mb"],
    )  # fmt: skip


# Records of 400 words, by SQL.

# Five words of two to nine letters out of each digest: no two records are alike, as little as answers are.
_TEXT = """(SELECT string_agg(concat_ws(' ', substr(d, 1, 2), substr(d, 3, 5), substr(d, 8, 9), substr(d, 17, 7),
substr(d, 24, 4)), ' ') FROM generate_series(1, 80) k, md5(({n}) || ' ' || k) d)"""


def stocked(size):
    """`size` frozen records of 400 words in a domain of their own; returns the domain."""
    copies(size, FIRST)
    world.analyze()
    return "bench"


def more(size, count):
    """So many records more, as if approved since."""
    copies(count, FIRST + size)


def copies(count, first):
    template = Record.objects.order_by("pk").first()
    told = json.loads(template.data)
    text = told["messages"][-1]["parts"][0]["text"]
    number = f"{first} + n"
    own = f"md5('bench ' || ({number}))::uuid"
    world.copy_rows(
        Task, template.task, count, first=first, key=own, instruction_id=number,
        current_revision_id=number, expert_passed_revision_id=number,
    )  # fmt: skip
    world.copy_rows(
        Revision, template.revision, count, first=first, task_id=number, target="'{}'::jsonb",
    )  # fmt: skip
    world.copy_rows(
        Record, template, count, first=first, record_id=own, revision_id=number,
        task_id=number, group_key=f"'bench-' || ({number})", domain="'bench'",
        content_sha256=f"encode(sha256(({number})::text::bytea), 'hex')",
        data=f"replace(replace(t.data, '{told['record_id']}', {own}::text), "
             f"'{text}', {_TEXT.format(n=number)})",
    )  # fmt: skip


def copy_out():
    rows_out = "COPY (SELECT data FROM exports_record ORDER BY id) TO STDOUT"
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM exports_record WHERE domain = 'bench')")
        if cursor.fetchone()[0]:
            rows_out = rows_out.replace("ORDER", "WHERE domain = 'bench' ORDER")
        with cursor.copy(rows_out) as out:
            for _ in out:
                pass


# A process of its own, so that its peak of memory is that of this build alone.

_BUILD = """
import json, resource, sys, time
import django, pyarrow
django.setup()
from django.db.models import Sum
from config.celery import app
app.conf.task_always_eager = False
pyarrow.array([1])  # a worker that has run before has this loaded
from exports.models import Dataset
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.publish import publish_release
started = time.perf_counter()
dataset = Dataset.objects.get(pk=int(sys.argv[1]))
release = build_here(release=cut_release(dataset=dataset, bump=sys.argv[2], person=None))
publish_release(release=release, person=None)
seconds = time.perf_counter() - started
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
size = release.files.aggregate(total=Sum("bytes"))["total"]
print(json.dumps({"seconds": seconds, "rss_mb": rss, "bytes": size}))
"""


def publish(dataset, bump):
    """{seconds, rss_mb, bytes} of cutting, building and publishing a release."""
    done = subprocess.run(
        [sys.executable, "-c", _BUILD, str(dataset.pk), bump.value],
        cwd=workers.ROOT,
        env=workers.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def verifying(dataset, size, label):
    with tempfile.TemporaryDirectory() as folder:
        target = write_directory(
            release=dataset.releases.latest("pk"), target=Path(folder) / "release"
        )

        def check():
            assert verify(target, verifying_key()).faults == []

        hashed = once(lambda: digests(target))
        yield bulk("release.verify", label, size, once(check), "sha256", hashed)


def downloading(dataset, label, size, copied):
    """The newest release as one archive, through the page, to a client that throws it away."""
    release = dataset.releases.latest("pk")
    browser = Client()
    browser.force_login(UserFactory(is_superuser=True))

    def fetch():
        answer = browser.get(reverse("datasets:archive", args=[dataset.slug, release.pk]))
        assert answer.status_code == 200, answer.status_code
        assert sum(map(len, answer.streaming_content)) == int(answer["Content-Length"])

    return bulk("release.download", label, size, once(fetch), "COPY TO", copied)


def digests(target):
    for path in sorted(target.rglob("*")):
        if path.is_file():
            with path.open("rb") as source:
                hashlib.file_digest(source, "sha256")


# Workers.


def workers_row(studio, dataset, size, label):
    """The same records twice, in other shards each time: by one worker process, then by two."""
    alone, both = (
        by_workers(studio, dataset, f"bench-{label}-{number}", number) for number in (1, 2)
    )
    row = bulk("release.workers", label, size, both, "one worker", alone)
    row.clients = 2
    return row


def by_workers(studio, dataset, slug, number):
    copy = dataset_of(studio, slug=slug, selection=dataset.selection, formats=ONE)
    release = cut_release(dataset=copy, bump=Bump.MAJOR, person=None)
    queue = f"bench-{uuid.uuid4()}"
    with tempfile.TemporaryDirectory() as folder, workers.real_broker(queue):
        started = [workers.start(queue, Path(folder) / "log") for _ in range(number)]
        try:
            assert workers.wait_until(lambda: workers.listening(queue) == number)
            began = time.perf_counter()
            start_build(release=release, person=None)
            built = Release.objects.filter(pk=release.pk).exclude(state=ReleaseState.BUILDING)
            assert workers.wait_until(built.exists, 1800)
            assert built.get().state == ReleaseState.READY, built.get().problem
            return time.perf_counter() - began
        finally:
            for process in started:
                workers.kill(process)
