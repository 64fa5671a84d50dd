"""Names under which the corpus knows our texts, and the texts behind those names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

from django.urls import reverse

from annotation.models import Instruction, ProjectVersion, Task
from checks.text import tokens
from checks.types import Message, arguments_of, text_of
from corpus.models import Hit

PROJECT, INSTRUCTION, TASK = "project", "instruction", "task"
_WORDS = re.compile(r"\S+\s*|\s+")
_LONGEST_MARKED = 6000
# Marking a text takes one comparison with each of the others.
_MOST_COMPARED = 6


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


def scopes_compared(project_id: int) -> list[str]:
    """Where a project's texts are held against others: in itself, and in the projects that allow it when
    it does so too. What is released is known everywhere."""
    newest = ProjectVersion.objects.order_by("project", "-number").distinct("project")
    allowed = {
        project
        for project, compared in newest.values_list("project", "settings__compare_with_others")
        if compared
    }
    others = sorted(allowed - {project_id}) if project_id in allowed else []
    return [scope_of(pk) for pk in (project_id, *others)]


def projects_of_refs(refs: Iterable[str]) -> dict[str, int]:
    """The project of each text."""
    wanted = list(refs)
    found: dict[str, int] = {}
    for kind, model in ((TASK, Task), (INSTRUCTION, Instruction)):
        rows = model.objects.filter(pk__in=[number_in(r) for r in wanted if r.startswith(kind)])
        found |= {f"{kind}:{pk}": project for pk, project in rows.values_list("pk", "project_id")}
    return found


def questions_of_tasks(refs: Iterable[str]) -> dict[str, tuple[str, str]]:
    """For each task, the reference of its instruction and what that asks."""
    tasks = Task.objects.filter(pk__in=[number_in(r) for r in refs if r.startswith(TASK)])
    rows = tasks.values_list(
        "pk", "instruction_id", "instruction__messages", "instruction__evidence"
    )
    return {
        ref_of_task(pk): (ref_of_instruction(asked), question_of(messages, evidence))
        for pk, asked, messages, evidence in rows
    }


def texts_of(refs: Iterable[str]) -> dict[str, str]:
    """The texts behind references; those that are gone are left out."""
    wanted = list(refs)
    if not wanted:
        return {}
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


def links_of(refs: Iterable[str]) -> dict[str, str]:
    """Where the texts behind references can be seen, for leads of their projects."""
    wanted = list(refs)
    tasks = Task.objects.filter(pk__in=[number_in(r) for r in wanted if r.startswith(TASK)])
    found = {
        ref_of_task(pk): reverse("projects:task", args=[slug, pk])
        for pk, slug in tasks.values_list("pk", "project__slug")
    }
    asked = Instruction.objects.filter(
        pk__in=[number_in(r) for r in wanted if r.startswith(INSTRUCTION)]
    )
    for pk, slug in asked.values_list("pk", "project__slug"):
        found[ref_of_instruction(pk)] = reverse("projects:instruction", args=[slug, pk])
    return found


def passages_of(hits: Iterable[Hit]) -> dict[int, str]:
    """Our own words at the place of each hit, never the item's."""
    wanted = list(hits)
    tasks = Task.objects.filter(pk__in=[number_in(h.ref) for h in wanted if h.ref.startswith(TASK)])
    asked = {task.pk: task.instruction for task in tasks.select_related("instruction")}
    answers = dict(tasks.values_list("pk", "current_revision__target"))
    alone = Instruction.objects.in_bulk(
        [number_in(h.ref) for h in wanted if h.ref.startswith(INSTRUCTION)]
    )
    found = {}
    for hit in wanted:
        number = number_in(hit.ref)
        is_task = hit.ref.startswith(TASK)
        instruction = asked.get(number) if is_task else alone.get(number)
        if instruction is not None:
            text = _text_at(
                hit.where, instruction, (answers.get(number) if is_task else None) or {}
            )
            found[hit.pk] = text[hit.where.get("start") : hit.where.get("end")][:600]
    return found


def _text_at(where: Mapping[str, Any], instruction: Instruction, target: Mapping[str, Any]) -> str:
    """The text that a place speaks of: a turn of the instruction, a piece of evidence, a turn of the target,
    or an argument of a tool call in it."""
    parts: dict[str, Sequence[Mapping[str, Any]]] = {
        "instruction": instruction.messages,
        "evidence": [item for item in instruction.evidence if item.get("text")],
        "response": target.get("messages") or [{"content": target.get("text", "")}],
    }
    rows = parts.get(str(where.get("part", "response")), [])
    number = int(where.get("message") or 0)
    row = rows[number] if number < len(rows) else {}
    if "call" in where:
        calls = row.get("tool_calls") or []
        call = calls[where["call"]] if where["call"] < len(calls) else {}
        return arguments_of(call).get(str(where.get("argument", "")), "")
    return text_of(row.get("content")) or str(row.get("text") or "")


def marked(text: str, others: Sequence[str]) -> list[tuple[bool, str]]:
    """A text in pieces, each with whether one of the like texts lacks it: [(differs, words)]. Case and
    punctuation are no difference."""
    if not others or len(text) > _LONGEST_MARKED:
        return [(False, text[:_LONGEST_MARKED])]
    words = _WORDS.findall(text)
    lacking = set[int]().union(*(_lacking(words, other) for other in others[:_MOST_COMPARED]))
    numbered = groupby(range(len(words)), key=lacking.__contains__)
    return [(differs, "".join(words[i] for i in places)) for differs, places in numbered]


def _lacking(words: Sequence[str], other: str) -> set[int]:
    """The places of the words that the other text does not have there."""
    theirs = _WORDS.findall(other[:_LONGEST_MARKED])
    same = SequenceMatcher(None, list(map(_bare, words)), list(map(_bare, theirs)), autojunk=False)
    unequal = (op for op in same.get_opcodes() if op[0] != "equal")
    return {place for _, start, end, _, _ in unequal for place in range(start, end)}


def _bare(word: str) -> str:
    return "".join(tokens(word))
