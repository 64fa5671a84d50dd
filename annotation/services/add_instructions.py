"""Store instructions and the tasks they call for: one COPY a batch, and nothing twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, models, transaction
from django.utils import timezone
from psycopg import sql

from annotation.enums import TaskState
from annotation.importing.draft import Draft
from annotation.models import Instruction, Task
from annotation.queries import current_version
from annotation.services.look_up import expect_look
from audit.services import record
from experts.models import Project, User
from lib.jobs import enqueue_on_commit
from lib.uuid7 import uuid7

# What differs from row to row goes through the staging table; its columns, with their types.
_STAGED = {
    "key": "uuid", "content_sha256": "bytea", "domain_id": "bigint", "external_id": "text",
    "messages": "json", "evidence": "jsonb", "attachments": "jsonb", "tools": "json", "requirements": "jsonb",
    "target_kind": "text", "target_schema": "json", "language": "text", "difficulty": "smallint",
    "task_type": "text", "tags": "jsonb", "source": "jsonb", "rights": "jsonb",
    "responses_wanted": "smallint",
}  # fmt: skip


@dataclass(frozen=True)
class Added:
    """What became of a batch: `added` are new, `present` were there already (or twice in the batch)."""

    added: int
    present: int


@transaction.atomic
def add_instructions(
    *,
    project: Project,
    drafts: Sequence[Draft],
    domains: Mapping[str, int],
    actor: User | None = None,
    **facts: Any,
) -> Added:
    """Add what is not there yet, with one open task for each response wanted.

    `domains` maps the paths that the drafts use to the keys of domains; `facts` go into the audit event.
    """
    if not drafts:
        return Added(0, 0)
    wanted = current_version(project).responses_wanted
    now = timezone.now()
    with connection.cursor() as cursor:
        _stage(cursor, drafts, domains, wanted)
        shared = {
            "project_id": project.pk,
            "created_by_id": actor.pk if actor else None,
            "created_at": now,
            "import_run_id": facts.get("run"),
        }
        added = _insert_instructions(cursor, shared)
        _insert_tasks(
            cursor, {"state": TaskState.OPEN.value, "state_since": now, "created_at": now}
        )
        first, last = _keys(cursor)
        cursor.execute("DROP TABLE staged")
    if added:
        record(
            verb="annotation.instructions_added",
            actor=actor,
            target=project,
            project_id=project.pk,
            added=added,
            **facts,
        )
        origin = f"import:{facts['run']}" if facts.get("run") else ""
        expect_look(origin=origin, count=added)
        enqueue_on_commit(
            "annotation.tasks.know_instructions",
            project_id=project.pk,
            first=first,
            last=last,
            origin=origin,
        )
        enqueue_on_commit("annotation.tasks.index_instructions", first=first, last=last)
    return Added(added, len(drafts) - added)


def _stage(cursor: Any, drafts: Sequence[Draft], domains: Mapping[str, int], wanted: int) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in _STAGED.items())
    cursor.execute(
        f"CREATE TEMP TABLE staged (place serial, priority integer, {columns}) ON COMMIT DROP"
    )
    names = ", ".join(_STAGED)
    with cursor.copy(f"COPY staged (priority, {names}) FROM STDIN") as copy:
        for draft in drafts:
            copy.write_row(_row(draft, domains, wanted))


def _row(draft: Draft, domains: Mapping[str, int], wanted: int) -> tuple[Any, ...]:
    return (
        draft.priority,
        uuid7(),
        draft.sha256,
        domains[draft.domain],
        draft.external_id,
        _json(draft.messages),
        _json(draft.evidence),
        _json(draft.attachments),
        _json(draft.tools),
        _json(draft.requirements),
        str(draft.target_kind),
        _json(draft.target_schema),
        draft.language,
        draft.difficulty,
        draft.task_type,
        _json(draft.tags),
        _json(draft.source),
        _json(draft.rights),
        draft.responses_wanted or wanted,
    )


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _insert_instructions(cursor: Any, shared: Mapping[str, Any]) -> int:
    """In the order of the file; what the project holds already is left alone."""
    constants = {
        "version": 1,
        **_defaults(Instruction, {*_STAGED, *shared, "series", "version"}),
        **shared,
    }
    statement = sql.SQL(
        "INSERT INTO annotation_instruction ({names}, series, {others}) "
        "SELECT {names}, gen_random_uuid(), {values} FROM staged ORDER BY place "
        "ON CONFLICT (project_id, content_sha256) DO NOTHING"
    ).format(names=_names(_STAGED), others=_names(constants), values=_values(constants))
    cursor.execute(statement, list(constants.values()))
    return int(cursor.rowcount)


def _insert_tasks(cursor: Any, shared: Mapping[str, Any]) -> None:
    """One a response wanted, for the instructions that are new: those are the ones with our key."""
    copied = ["project_id", "domain_id", "language", "difficulty"]
    own = {"key", "instruction_id", "slot", "alone", "priority"}
    constants = {**_defaults(Task, {*copied, *own, *shared}), **shared}
    statement = sql.SQL(
        "INSERT INTO annotation_task (key, instruction_id, slot, alone, priority, {copied}, {others}) "
        "SELECT gen_random_uuid(), instruction.id, slot, instruction.responses_wanted = 1, staged.priority, "
        "{theirs}, {values} "
        "FROM staged JOIN annotation_instruction instruction ON instruction.key = staged.key, "
        "generate_series(1, instruction.responses_wanted) AS slot ORDER BY staged.place, slot"
    ).format(
        copied=_names(copied),
        others=_names(constants),
        theirs=sql.SQL(", ").join(sql.Identifier("instruction", name) for name in copied),
        values=_values(constants),
    )
    cursor.execute(statement, list(constants.values()))


def _keys(cursor: Any) -> tuple[int | None, int | None]:
    """The lowest and the highest key of the instructions that are new."""
    cursor.execute(
        "SELECT min(instruction.id), max(instruction.id) FROM staged "
        "JOIN annotation_instruction instruction ON instruction.key = staged.key"
    )
    first, last = cursor.fetchone()
    return first, last


def _defaults(model: type[models.Model], given: set[str]) -> dict[str, Any]:
    """Every other column with the default its field declares: a COPY goes past Django, which sets them."""
    return {
        str(field.column): field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields  # noqa: SLF001  (the documented way to a model's fields)
        if not field.primary_key and field.column not in given and not field.has_db_default()
    }


def _names(columns: Any) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in columns)


def _values(constants: Mapping[str, Any]) -> sql.Composed:
    return sql.SQL(", ").join([sql.Placeholder()] * len(constants))
