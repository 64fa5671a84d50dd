"""Instructions typed by a lead, and corrections: a new version, which tasks take over as far as nobody began."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from annotation.enums import TaskState
from annotation.importing.draft import Draft
from annotation.known import ref_of_instruction
from annotation.models import Instruction, Task
from annotation.services.claim import take
from annotation.services.look_up import know_instructions
from annotation.services.write_instruction import correct_instruction, follow_correction
from audit.models import Event
from corpus.models import Fingerprint, Pair
from experts.models import Notification
from lib.errors import DomainError
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted


@pytest.fixture
def instruction(studio):
    made = InstructionFactory(project=studio.project, domain=studio.domain)
    TaskFactory(instruction=made)
    return made


def typed(studio, *turns, before=None, requirements=(), **filed):
    """The form as a browser sends it."""
    data = {
        "domain": studio.domain.path, "language": "en", "difficulty": "3", "target_kind": "text",
        "turns-TOTAL_FORMS": len(turns), "turns-INITIAL_FORMS": len(turns) if before else 0,
        "requirements-TOTAL_FORMS": len(requirements), "requirements-INITIAL_FORMS": 0,
        "evidence-TOTAL_FORMS": 0, "evidence-INITIAL_FORMS": 0,
        **filed,
    }  # fmt: skip
    for place, (role, content) in enumerate(turns):
        data |= {f"turns-{place}-role": role, f"turns-{place}-content": content}
        data |= {f"turns-{place}-place": place} if before else {}
    for place, fields in enumerate(requirements):
        data |= {f"requirements-{place}-{name}": value for name, value in fields.items()}
    return data


def post(client, studio, data, pk=None, person=None):
    client.force_login(person or studio.lead)
    name, args = ("projects:instruction-correct", [pk]) if pk else ("projects:instruction-new", [])
    return client.post(reverse(name, args=[studio.project.slug, *args]), data)


def corrected(studio, instruction, content="How is it treated nowadays?", why="It was unclear."):
    draft = Draft(
        messages=[{"role": "user", "content": content}],
        domain=instruction.domain.path,
        requirements=instruction.requirements,
        difficulty=5,
    )
    return correct_instruction(
        instruction_id=instruction.pk,
        draft=draft,
        why=why,
        actor=studio.lead,
    )


def test_a_lead_types_an_instruction_and_its_task_opens(client, studio):
    rule = {"text": "300 words at least.", "kind": "constraint", "check": "length_constraints:number_words",
            "parameters": '{"relation": "at least", "num_words": 300}'}  # fmt: skip
    answer = post(
        client,
        studio,
        typed(
            studio,
            ("system", "Be brief."),
            ("user", "Why?\r\nSay more."),
            ("user", " "),
            requirements=[rule],
        ),
    )
    made = Instruction.objects.get()
    assert answer.url == reverse("projects:instruction", args=[studio.project.slug, made.pk])
    assert made.messages == [
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?\nSay more."},
    ]  # fmt: skip
    assert made.requirements[0]["check"] == {
        "type": "length_constraints:number_words", "relation": "at least", "num_words": 300,
    }  # fmt: skip
    assert made.tasks.get().state == TaskState.OPEN


@pytest.mark.parametrize(
    ("turns", "filed", "words"),
    [
        ([("user", " ")], {}, "Nobody asks anything"),
        ([("user", "Why?"), ("assistant", "So.")], {}, "cannot be the model"),
        ([("user", "Why?")], {"language": "elvish tongue"}, "A language is a tag"),
        ([("user", "Why?")], {"target_schema": "[1]"}, "JSON object"),
        ([("user", "Why?")], {"difficulty": "9"}, "less than or equal to 5"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(client, studio, turns, filed, words):
    answer = post(client, studio, typed(studio, *turns, **filed))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert turns[0][1] in page
    assert not Instruction.objects.exists()


def test_another_row_keeps_what_was_typed(client, studio):
    data = typed(studio, ("user", "Half a quest")) | {"more": "evidence", "language": ""}
    answer = post(client, studio, data)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Half a quest" in page
    assert "evidence-0-text" in page
    assert "This field is required" not in page


def test_the_same_content_is_not_added_twice(client, studio):
    data = typed(studio, ("user", "Why?"))
    post(client, studio, data)
    answer = post(client, studio, data)
    assert answer.status_code == 422
    assert (
        reverse("projects:instruction", args=[studio.project.slug, Instruction.objects.get().pk])
        in answer.content.decode()
    )


@pytest.mark.parametrize("person", ["writer", "expert", "format"])
def test_only_a_lead_types_instructions(client, studio, instruction, person):
    who = getattr(studio, person)
    assert post(client, studio, {}, person=who).status_code == 403
    assert post(client, studio, {}, pk=instruction.pk, person=who).status_code == 403


def test_a_correction_is_a_version_that_open_tasks_take_over(client, studio, instruction):
    data = typed(
        studio,
        ("user", "How is it treated now?"),
        before=instruction,
        why="It was vague.",
        difficulty="5",
    )
    answer = post(client, studio, data, pk=instruction.pk)
    after = Instruction.objects.get(version=2)
    assert answer.status_code == 302
    assert (after.series, after.external_id) == (instruction.series, instruction.external_id)
    task = Task.objects.get()
    assert (task.instruction, task.difficulty, task.state) == (after, 5, TaskState.OPEN)
    page = client.get(answer.url).content.decode()
    assert "It was vague." in page
    old = client.get(reverse("projects:instruction", args=[studio.project.slug, instruction.pk]))
    assert "Version 2 is asked now." in old.content.decode()


def test_calls_of_tools_that_no_box_shows_stay(client, studio):
    call = {"role": "assistant", "content": "", "tool_calls": [{"id": "a1", "type": "function"}]}
    before = InstructionFactory(
        project=studio.project, domain=studio.domain,
        messages=[{"role": "user", "content": "Book it."}, call, {"role": "tool", "content": "ok", "tool_call_id": "a1"}],
    )  # fmt: skip
    turns = [("user", "Book it, please."), ("assistant", ""), ("tool", "ok")]
    post(client, studio, typed(studio, *turns, before=before, why="Politeness."), pk=before.pk)
    after = Instruction.objects.get(version=2)
    assert after.messages[1]["tool_calls"] == call["tool_calls"]
    assert after.messages[2]["tool_call_id"] == "a1"


def test_work_that_has_begun_stays_until_its_writer_moves_on(client, studio, instruction):
    task = instruction.tasks.get()
    take(person=studio.writer, task_id=task.pk)
    after = corrected(studio, instruction)
    task.refresh_from_db()
    assert task.instruction == instruction
    assert Notification.objects.get(person=studio.writer, key__contains="corrected")
    client.force_login(studio.writer)
    page = client.get(reverse("write:task", args=[task.pk])).content.decode()
    assert "This instruction was corrected after you began." in page
    assert "It was unclear." in page

    assert client.post(reverse("write:follow", args=[task.pk])).status_code == 302
    task.refresh_from_db()
    assert (task.instruction, task.state) == (after, TaskState.WRITING)
    assert Event.objects.filter(verb="annotation.task_follows_correction").count() == 1


def test_nobody_else_moves_a_writer_on(studio, instruction):
    task = instruction.tasks.get()
    take(person=studio.writer, task_id=task.pk)
    corrected(studio, instruction)
    with pytest.raises(DomainError):
        follow_correction(person=studio.expert, task_id=task.pk)


def test_what_was_handed_in_stays_with_what_it_answers(studio, instruction):
    task = instruction.tasks.get()
    submitted(task, studio.writer)
    after = corrected(studio, instruction)
    task.refresh_from_db()
    assert task.instruction == instruction
    with pytest.raises(IntegrityError, match="later version"), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(instruction=after)


def test_no_task_moves_to_another_question_nor_back(studio, instruction):
    other = InstructionFactory(project=studio.project, domain=studio.domain)
    after = corrected(studio, instruction)
    for wrong in (other, instruction):
        with pytest.raises(IntegrityError, match="later version"), transaction.atomic():
            Task.objects.filter(instruction=after).update(instruction=wrong)


def test_two_corrections_of_the_same_version_are_one_and_a_refusal(studio, instruction):
    corrected(studio, instruction)
    with pytest.raises(DomainError, match="in the meantime"):
        corrected(studio, instruction, content="Another wording?")
    with pytest.raises(DomainError, match="reason"):
        corrected(studio, Instruction.objects.get(version=2), content="Third?", why=" ")


def test_a_correction_is_no_duplicate_of_what_it_corrects(studio, instruction):
    long = "A woman of seventy with two earlier strokes and a weak kidney asks how her pressure is best treated, and why. "
    after = corrected(studio, instruction, content=long * 3)
    another = corrected(studio, after, content=long * 3 + "Answer in plain words.")
    know_instructions(project_id=studio.project.pk)
    assert set(Fingerprint.objects.values_list("ref", flat=True)) >= {
        ref_of_instruction(one.pk) for one in (instruction, after, another)
    }
    assert not Pair.objects.exists()
