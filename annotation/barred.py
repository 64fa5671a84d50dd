"""Who may not write a task, whatever queue it stands in: conditions that every claim holds, each with its reason."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from annotation.models import Task
from experts.models import User
from experts.queries import ACCOUNTS_OF

# Each response wanted is another person's, under whatever name and whichever version of the instruction
# they answered: whoever holds or wrote one has no other. Whoever passed one on, or whose time ran out, is
# free again, since their task has no author. OFFSET 0 keeps the planner from making a join of the whole
# table out of a look at one task.
_ANOTHER_RESPONSE = """
({task}.alone OR NOT EXISTS (
  SELECT 1 FROM annotation_instruction asked
  JOIN annotation_instruction version ON version.series = asked.series
  JOIN annotation_task other ON other.instruction_id = version.id
  WHERE asked.id = {task}.instruction_id AND other.id <> {task}.id AND other.author_id IN ({accounts})
  OFFSET 0))
"""


@dataclass(frozen=True)
class Bar:
    """`condition` is SQL that is true where one may write, over `{task}` (a name of annotation_task), %(person)s
    and `{accounts}` (a statement that lists the person's accounts); `reason` is what they read where it is not.
    """

    condition: str
    reason: str


_bars: dict[str, Bar] = {
    "another_response": Bar(
        _ANOTHER_RESPONSE,
        "You are writing another response to this instruction, or have written one."
        " Each of its responses comes from a different person.",
    )
}


def bar(name: str, condition: str, reason: str) -> None:
    """Keep tasks from people. Parts above add what they know, such as who reviewed a response."""
    _bars[name] = Bar(condition, reason)


def conditions(*, task: str, accounts: str) -> list[str]:
    """What must hold, for a statement that knows the task and the person's accounts by these names."""
    return [one.condition.format(task=task, accounts=accounts) for one in _bars.values()]


def free_for(person: User) -> RawSQL:
    """True for tasks that nothing keeps from this person; to filter tasks by."""
    table = Task._meta.db_table  # noqa: SLF001  (public in all but name)
    text = " AND ".join(f"({one})" for one in conditions(task=table, accounts=ACCOUNTS_OF))
    count = text.count("%(person)s")
    return RawSQL(  # noqa: S611  (conditions of our own; the person is a parameter)
        text.replace("%(person)s", "%s"), [person.pk] * count, output_field=BooleanField()
    )


def why_barred(person: User, task_id: int) -> str | None:
    """What keeps this task from the person, or None."""
    held = ", ".join(f"({one})" for one in conditions(task="task", accounts=ACCOUNTS_OF))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {held} FROM annotation_task task WHERE task.id = %(task)s",
            {"person": person.pk, "task": task_id},
        )
        row = cursor.fetchone() or ()
    answers = zip(row, _bars.values(), strict=False)
    return next((one.reason for holds, one in answers if not holds), None)
