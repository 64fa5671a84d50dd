"""Very many claims by a crowd that all want the same tasks: is one ever handed out twice, or lost?

Each client makes its first claim through the service. The statements by which the service chose, locked
and took that task are noted, and repeated word for word for every further claim, each in a transaction of
its own, until nothing is left. Left out, so that a million claims fit in minutes: the questions about the
person that come before (agreements, caps, credentials; the person's own lock), the look for an earlier
assignment, the audit event, planning each statement anew, waiting for the disk at each commit, and Python's
way to the statements. Every client holds the same few fields, so that all of them always want the same heads of the
same queues.
"""

import time
from collections import Counter

from django.db import connection
from psycopg import Cursor

from annotation.models import Assignment, Task
from annotation.services.claim import take_next
from experts.enums import Role
from tests.bench.crowd import timed_crowd
from tests.bench.measure import Row
from tests.bench.world import analyze, copy_rows
from tests.factories.annotation import InstructionFactory, ProjectVersionFactory, TaskFactory
from tests.factories.experts import DomainFactory, person_with

CLIENTS = 16
FIELDS = 3
FIRST = 1_000_000
_WRITES = ('UPDATE "annotation_task"', 'INSERT INTO "annotation_assignment"')


def rows(size, label):
    """`size` open tasks, claimed to the last; the value is claims per second."""
    project, root = _world(size)
    people = [person_with(project, Role.WRITER, domain=root) for _ in range(CLIENTS)]
    started = time.perf_counter()
    # The first round is each client's claim through the service, the second all the others.
    _, answers = timed_crowd(_Client(), [*people, *people], CLIENTS)
    seconds = time.perf_counter() - started
    given = Counter(task for answer in answers for task in answer)
    _hold(size, given)
    print(f"{len(given):,} claims by {CLIENTS} connections, none twice, none lost", flush=True)
    yield Row("claim.million", label, CLIENTS, len(given) / seconds, "per second")


class _Client:
    """One connection: notes what the service asks for its first task, then asks it again and again."""

    def __init__(self):
        self.noted = []

    def __call__(self, person):
        return self.repeat() if self.noted else self.first(person)

    def first(self, person):
        def note(execute, sql, params, many, context):
            self.noted.append((sql, params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            self.task = take_next(person=person).task_id
        texts = [sql for sql, _ in self.noted]
        begin = next(n for n, sql in enumerate(texts) if "set_config" in sql)
        (indexes, options), self.choose, *rest = self.noted[begin:]
        self.writes = [(sql, params) for sql, params in rest if sql.startswith(_WRITES)]
        assert len(self.writes) == len(_WRITES), "a claim moves the task and leases it"
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
            # For the session instead of one transaction: the same choice of plans, asked for once.
            cursor.execute(indexes.replace("true", "false"), options)
        return [self.task]

    def repeat(self):
        """Claim until nothing is left; each claim is one transaction, sent in two round trips."""
        server = connection.connection
        server.prepare_threshold = 0
        taken = []
        with Cursor(server) as cursor:
            while True:
                with server.pipeline():
                    cursor.execute("BEGIN")
                    task = self.claim(cursor)
                    cursor.execute("COMMIT")
                if task is None:
                    return taken
                taken.append(task)

    def claim(self, cursor):
        """Choose, lock, write; looking further when all that was seen is held by others, as the service does."""
        sql, params = self.choose
        for step in (1, 16, 256):
            wider = {**params, "depth": params["depth"] * step, "width": params["width"] * step}
            row = cursor.execute(sql, wider).fetchone()
            if row is not None:
                self.write(cursor, row[0])
                return row[0]
        return None

    def write(self, cursor, task):
        """What the service wrote for its task, for this one."""
        for sql, params in self.writes:
            cursor.execute(sql, [task if value == self.task else value for value in params])


def _hold(size, given):
    """Every task once: by what the clients were given, and by what the database holds."""
    doubles = [task for task, times in given.items() if times > 1]
    assert not doubles, f"{len(doubles)} tasks were given to two people"
    assert len(given) == size, f"{size - len(given)} tasks were given to nobody"
    assert Assignment.objects.filter(state="live").count() == size
    assert not Task.objects.filter(state="open").exists()


def _world(size):
    """`size` open tasks over a few fields, each of an instruction of its own: one person writes one of each."""
    project = ProjectVersionFactory(settings={"live_tasks_per_person": None}).project
    root = DomainFactory(slug="everything")
    fields = [DomainFactory(slug=f"field-{number}", parent=root) for number in range(FIELDS)]
    instruction = InstructionFactory(project=project, domain=fields[0])
    task = TaskFactory(instruction=instruction)
    copy_rows(
        type(instruction), instruction, size - 1, first=FIRST,
        key="gen_random_uuid()", series="gen_random_uuid()",
        external_id="'million-' || n", content_sha256="sha256(('million ' || n)::bytea)",
    )  # fmt: skip
    copy_rows(
        Task, task, size - 1, first=FIRST, key="gen_random_uuid()",
        instruction_id=f"{FIRST} + n", alone="true", priority="n % 7",
        domain_id=f"(ARRAY{[field.pk for field in fields]}::bigint[])[1 + n % {FIELDS}]",
        due_at="now() + (n % 90) * interval '1 day'",
    )  # fmt: skip
    analyze()
    return project, root
