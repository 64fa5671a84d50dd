"""Finding tasks and instructions by their words, or by what names one of them.

Whoever asks has chosen before what they may see; words only narrow that. One text is looked through at a time,
instructions or responses, so that the database can go by the index of words or by the order of the list, whichever
is shorter.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q

from annotation.models import Instruction, InstructionWords, Revision, RevisionWords, Task
from experts.models import Project
from lib.words import asked_in

# What a list of tasks may be looked through for; the first unless another is chosen.
LOOKED_THROUGH = {"instruction": "Instructions", "response": "Responses"}
_MOST_NAMED = 100
_LONGEST_NUMBER = 18


def texts_of_instruction(instruction: Instruction) -> Iterator[str]:
    """What an instruction is found by, in the order in which it is read."""
    for message in instruction.messages:
        yield from _strings(message.get("content"))
    for requirement in instruction.requirements:
        yield str(requirement.get("text", ""))
    for document in instruction.evidence:
        yield from (str(document.get(name) or "") for name in ("title", "text"))
    yield from _strings(instruction.tags)


def texts_of_revision(revision: Revision) -> Iterator[str]:
    """What a response is found by: its words, or whatever is said in a structured one."""
    if revision.text.strip():
        yield revision.text
    else:
        yield from _strings(revision.target)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def tasks_found_by(
    found: models.QuerySet[Task], project: Project, words: str, *, within: str = ""
) -> models.QuerySet[Task]:
    """Of these tasks: the one that is named (`#17`, its record, the outer id of its instruction), or those with
    all of these words in the instruction, or in the response as it was last handed in."""
    asked_by_id = Instruction.objects.filter(project=project, external_id=words.strip())
    named = [
        *found.filter(_own_name(words)).values_list("pk", flat=True),
        *found.filter(instruction__in=list(asked_by_id[:_MOST_NAMED])).values_list("pk", flat=True),
    ]
    if named:
        return found.filter(pk__in=named)
    return found.filter(
        holding(words, "current_revision" if within == "response" else "instruction")
    )


def instructions_found_by(
    found: models.QuerySet[Instruction], words: str
) -> models.QuerySet[Instruction]:
    """The same for instructions."""
    named = [
        *found.filter(_own_name(words)).values_list("pk", flat=True),
        *found.filter(external_id=words.strip()).values_list("pk", flat=True)[:_MOST_NAMED],
    ]
    return found.filter(pk__in=named) if named else found.filter(holding(words, "pk"))


def holding(words: str, column: str) -> models.Q | Exists:
    """A condition: all of these words are in the text that `column` points to (an instruction, or with
    `…revision` at its end a response). Without a letter or digit nothing is found."""
    asked = asked_in(words)
    if not asked:
        return Q(pk__in=[])
    if column.endswith("revision"):
        return Exists(
            RevisionWords.objects.filter(revision=OuterRef(column), words__hold=asked.query)
        )
    return Exists(
        InstructionWords.objects.filter(instruction=OuterRef(column), words__hold=asked.query)
    )


def _own_name(words: str) -> Q:
    """By a number after #, or by the record."""
    words = words.strip()
    if words.startswith("#") and words[1:].isdecimal() and len(words) < _LONGEST_NUMBER:
        return Q(pk=int(words[1:]))
    try:
        return Q(key=UUID(words))
    except ValueError:
        return Q(pk__in=[])
