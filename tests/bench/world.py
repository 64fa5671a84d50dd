"""A database with so and so much in it: one real row of each kind, copied many times by SQL."""

from types import SimpleNamespace

from django.db import connection, transaction

from annotation.models import Instruction, Revision, Task
from experts.enums import Role
from review.models import Review, Seat
from tests.factories.annotation import InstructionFactory, ProjectVersionFactory, TaskFactory
from tests.factories.experts import DomainFactory, person_with
from tests.factories.exports import approved

DOMAINS = 20
RARE = 1_000  # one task in so many is of the rare domain


def copy_rows(model, template, count, *, first, **replaced):
    """Insert `count` copies of a row with the ids first, first+1, …; `replaced`: column → SQL over n.

    Triggers are off: what is copied was made by the services once, and is as legal as that one.
    """
    table = model._meta.db_table
    columns = [f.column for f in model._meta.concrete_fields]
    values = {column: f"t.{column}" for column in columns} | {"id": f"{first} + n", **replaced}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) "
            f"SELECT {', '.join(values[column] for column in columns)} "
            f"FROM {table} t, generate_series(0, {count} - 1) n WHERE t.id = {template.pk}"
        )
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )


def open_tasks(size):
    """A commission with `size` open tasks over twenty domains, one of them rare."""
    version = ProjectVersionFactory()
    domains = [DomainFactory(slug=f"domain-{number}") for number in range(DOMAINS)]
    instruction = InstructionFactory(project=version.project, domain=domains[0])
    task = TaskFactory(instruction=instruction)
    ids = [domain.pk for domain in domains]
    chosen = (
        f"CASE WHEN n % {RARE} = 0 THEN {ids[-1]} "
        f"ELSE (ARRAY{ids[:-1]}::bigint[])[1 + n % {DOMAINS - 1}] END"
    )
    first = 1_000_000
    copy_rows(
        Instruction, instruction, size, first=first,
        key="gen_random_uuid()", series="gen_random_uuid()", domain_id=chosen,
        external_id="'bench-' || n", content_sha256="sha256(('bench ' || n)::bytea)",
    )  # fmt: skip
    copy_rows(
        Task, task, size, first=first,
        key="gen_random_uuid()", instruction_id=f"{first} + n", domain_id=chosen, priority="n % 5",
    )  # fmt: skip
    analyze()
    return SimpleNamespace(version=version, project=version.project, domains=domains, first=first)


def writers(world, count):
    """People who may write in every domain of the commission."""
    made = [person_with(world.project, Role.WRITER, domain=world.domains[0]) for _ in range(count)]
    for person in made:
        person.credentials.get().domains.set(world.domains)
    return made


def approved_tasks(size):
    """A commission whose `size` tasks all went the whole way, so that a release can be built."""
    domain = DomainFactory()
    version = ProjectVersionFactory()
    project = version.project
    studio = SimpleNamespace(
        domain=domain,
        version=version,
        project=project,
        writer=person_with(project, Role.WRITER, domain=domain),
        expert=person_with(project, Role.EXPERT, domain=domain),
        format=person_with(project, Role.FORMAT),
        lead=person_with(project, Role.LEAD),
    )
    task = approved(studio, "A careful answer. " * 60)
    first = 10_000_000
    copy_rows(
        Instruction, task.instruction, size, first=first,
        key="gen_random_uuid()", series="gen_random_uuid()", external_id="'approved-' || n",
        content_sha256="sha256(('approved ' || n)::bytea)",
        messages="jsonb_build_array(jsonb_build_object('role', 'user', 'content', 'How is case ' || n || ' treated?'))",
    )  # fmt: skip
    copy_rows(Task, task, size, first=first, key="gen_random_uuid()", instruction_id=f"{first} + n",
              current_revision_id=f"{first} + n", expert_passed_revision_id=f"{first} + n")  # fmt: skip
    copy_rows(Revision, task.current_revision, size, first=first, task_id=f"{first} + n")
    for index, (seat, review) in enumerate(
        (review.seat, review) for review in Review.objects.filter(task=task).select_related("seat")
    ):
        start = first + index * size
        copy_rows(Seat, seat, size, first=start, task_id=f"{first} + n")
        copy_rows(Review, review, size, first=start, task_id=f"{first} + n",
                  seat_id=f"{start} + n", revision_id=f"{first} + n")  # fmt: skip
    analyze()
    return studio


def analyze():
    """Let the planner know; the autovacuum of a running installation would have."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
