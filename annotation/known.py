"""Names under which the corpus knows our texts, and the texts behind those names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from annotation.models import Instruction, Task
from checks.types import Message, text_of

PROJECT, INSTRUCTION, TASK = "project", "instruction", "task"


def scope_of(project_id: int) -> str:
    return f"{PROJECT}:{project_id}"


def ref_of_task(task_id: int) -> str:
    """A task stands for its current revision: a mended response replaces the one before."""
    return f"{TASK}:{task_id}"


def ref_of_instruction(instruction_id: int) -> str:
    return f"{INSTRUCTION}:{instruction_id}"


def number_in(ref: str) -> int:
    """The key of the row that a reference names."""
    return int(ref.partition(":")[2])


def question_of(
    messages: Sequence[Mapping[str, Any]], evidence: Sequence[Mapping[str, Any]]
) -> str:
    """What makes an instruction the same question: its user turns and the text given with them."""
    asked = [text_of(m.get("content")) for m in messages if m.get("role") == "user"]
    given = [str(item.get("text") or "") for item in evidence]
    return "\n\n".join(text for text in [*asked, *given] if text.strip())


def response_of(target: Mapping[str, Any]) -> str:
    """The written turns of a target as one text."""
    turns = [Message.from_dict(m) for m in target.get("messages", []) if isinstance(m, Mapping)]
    written = [m.content for m in turns if m.role == "assistant" and m.content]
    return "\n\n".join(written) if turns else str(target.get("text") or "")


def texts_of(refs: Iterable[str]) -> dict[str, str]:
    """The texts behind references; those that are gone are left out."""
    wanted = list(refs)
    tasks = [number_in(ref) for ref in wanted if ref.startswith(TASK)]
    instructions = [number_in(ref) for ref in wanted if ref.startswith(INSTRUCTION)]
    current = Task.objects.filter(pk__in=tasks, current_revision__isnull=False)
    found = {
        ref_of_task(task): response_of(target)
        for task, target in current.values_list("pk", "current_revision__target")
    }
    for pk, messages, evidence in Instruction.objects.filter(pk__in=instructions).values_list(
        "pk", "messages", "evidence"
    ):
        found[ref_of_instruction(pk)] = question_of(messages, evidence)
    return found


def titles_of(refs: Iterable[str]) -> dict[str, str]:
    """What lists show for references: the first line of the question."""
    wanted = list(refs)
    tasks = Task.objects.filter(pk__in=[number_in(r) for r in wanted if r.startswith(TASK)])
    found = {
        ref_of_task(task.pk): task.instruction.title for task in tasks.select_related("instruction")
    }
    for instruction in Instruction.objects.filter(
        pk__in=[number_in(r) for r in wanted if r.startswith(INSTRUCTION)]
    ):
        found[ref_of_instruction(instruction.pk)] = instruction.title
    return found
