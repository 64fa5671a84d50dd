"""The next task and the next review, for one person and for crowds, over two hundred fields."""

from django.db import connection, transaction

from annotation.models import Instruction, Task
from annotation.services.claim import take_next
from experts.enums import Role
from review.models import Seat
from review.services.claim_seat import take_next_review
from tests.bench.crowd import timed_crowd
from tests.bench.measure import Row
from tests.bench.world import analyze, copy_rows
from tests.factories.annotation import (
    InstructionFactory,
    ProjectVersionFactory,
    TaskFactory,
    submitted,
)
from tests.factories.experts import DomainFactory, person_with

FIELDS = 200
CROWDS = (1, 8, 32)
CLAIMS = 480
FIRST = 1_000_000

_PROBE = """
SELECT id FROM annotation_task
WHERE state = 'open' AND project_id = %s AND domain_id = %s
ORDER BY priority DESC, due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""


def rows(size, label):
    """Each claim is one person's first, so every claim goes through the whole queue.

    A crowd is so many processes, each with its own connection, on the cores that there are.
    """
    project, root, fields = _world(size)
    for crowd in CROWDS:
        # One more for each client: the first is not counted. Three crowds share what a small size holds.
        count = min(CLAIMS, size // 8) + crowd
        probe, _ = timed_crowd(_probe(project, fields), range(count), crowd)
        for case, role, claim in (
            ("claim.write", Role.WRITER, take_next),
            ("claim.review", Role.EXPERT, take_next_review),
        ):
            people = [person_with(project, role, domain=root) for _ in range(count)]
            timing = _claims(claim, people, crowd)
            yield Row.of(case, label, timing, probe="FOR UPDATE SKIP LOCKED", probe_timing=probe)


def _claims(claim, people, crowd):
    """Everybody claims once; nobody may get another's."""
    timing, taken = timed_crowd(lambda person: claim(person=person).task_id, people, crowd)
    assert len(set(taken)) == len(people), "somebody got another's task"
    return timing


def _world(size):
    """`size` open tasks and as many free expert seats over two hundred fields of one root."""
    project = ProjectVersionFactory().project
    root = DomainFactory(slug="everything")
    fields = [DomainFactory(slug=f"field-{number}", parent=root) for number in range(FIELDS)]
    author = person_with(project, Role.WRITER, domain=root)
    done = TaskFactory(instruction=InstructionFactory(project=project, domain=fields[0]))
    submitted(done, author)
    seat = Seat.objects.get(task=done)
    instruction = InstructionFactory(project=project, domain=fields[0])
    task = TaskFactory(instruction=instruction)
    chosen = f"(ARRAY{[field.pk for field in fields]}::bigint[])[1 + n % {FIELDS}]"
    copy_rows(
        Instruction, instruction, size, first=FIRST,
        key="gen_random_uuid()", series="gen_random_uuid()", domain_id=chosen,
        external_id="'claim-' || n", content_sha256="sha256(('claim ' || n)::bytea)",
    )  # fmt: skip
    copy_rows(
        Task, task, size, first=FIRST, key="gen_random_uuid()", instruction_id=f"{FIRST} + n",
        alone="true", domain_id=chosen, priority="n % 7", due_at="now() + (n % 90) * interval '1 day'",
    )  # fmt: skip
    copy_rows(
        Seat, seat, size, first=FIRST, task_id=f"{FIRST} + n", domain_id=chosen, priority="n % 7",
        opened_at="now() - (n % 90) * interval '1 hour'",
    )  # fmt: skip
    analyze()
    return project, root, fields


def _probe(project, fields):
    """What the database alone needs to lock the head of one queue."""

    def ask(number):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PROBE, [project.pk, fields[number % FIELDS].pk])
            cursor.fetchone()

    return ask
