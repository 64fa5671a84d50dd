"""Tasks and instructions are found by words, in what whoever looks may read, and by what names one of them."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from annotation.models import Instruction, InstructionWords, RevisionWords, Task
from annotation.overview import page_of_tasks, tasks_in
from annotation.services.claim import take
from annotation.services.submit import submit_revision
from annotation.services.take_again import take_again
from annotation.tasks import index_instructions, index_revisions, take_up_words
from experts.enums import Role
from review.enums import Verdict
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.experts import DomainFactory, ProjectFactory, person_with
from tests.factories.review import judged

EVIL = "<script>alert('kidney')</script> & kidney"


@pytest.fixture
def ask(studio):
    """A task that asks `text`; its words are taken up."""

    def ask_for(text, project=None, **fields):
        messages = [{"role": "user", "content": text}]
        instruction = InstructionFactory(
            project=project or studio.project,
            messages=messages,
            **{"domain": studio.domain, **fields},
        )
        task = TaskFactory(instruction=instruction)
        take_up_words()
        return task

    return ask_for


def answered(task, person, text):
    submitted(task, person, text)
    take_up_words()
    return task


def found(studio, words, **chosen):
    return list(tasks_in(studio.project, {"words": words, **chosen}).order_by("pk"))


def test_every_word_must_be_there_in_any_order(studio, ask):
    both, one = ask("Which kidneys fail first?"), ask("Is one kidney enough?")
    assert found(studio, "kidney") == [both, one]
    assert found(studio, "FAIL kidneys") == [both]
    assert found(studio, "liver") == []
    assert found(studio, "?!") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("病院で薬を飲む時間", "薬を飲む"),
        ("ไปโรงพยาบาลทุกวัน", "โรงพยาบาล"),
        ("Die Straße im Süden", "suden strasse"),
        ("Что такое инсульт?", "Инсульт"),
    ],
)
def test_any_writing_is_found(studio, ask, text, words):
    task = ask(text)
    ask("Something else in English")
    assert found(studio, words) == [task]


def test_requirements_evidence_and_tags_count_as_the_instruction(studio, ask):
    task = ask(
        "How is it treated?",
        requirements=[{"id": "r1", "text": "Name the cephalosporin.", "kind": "ask"}],
        evidence=[{"id": "e1", "title": "Leaflet", "text": "About metronidazole"}],
        tags=["paediatrics"],
    )
    for word in ("cephalosporin", "leaflet", "metronidazole", "paediatrics"):
        assert found(studio, word) == [task]


def test_a_task_is_found_by_what_names_it(studio, ask):
    task, other = ask("First", external_id="set-a/17"), ask("Second 17")
    for name in (f"#{task.pk}", str(task.key), "set-a/17", f" {task.key} "):
        assert found(studio, name) == [task]
    assert found(studio, "17") == [other]
    assert found(studio, "#999999999999999999999") == []


def test_names_and_words_of_another_project_find_nothing(studio, ask):
    foreign = ask("A kidney elsewhere", project=ProjectFactory(), external_id="elsewhere")
    for name in (f"#{foreign.pk}", str(foreign.key), "elsewhere", "kidney"):
        assert found(studio, name) == []


def test_responses_are_looked_through_as_handed_in_and_never_as_drafts(studio, ask):
    done, begun = ask("One?"), ask("Two?")
    answered(done, studio.writer, "It is nephritis.")
    write(take(person=studio.writer, task_id=begun.pk), "A draft on nephritis.")
    take_up_words()
    assert found(studio, "nephritis") == []
    assert found(studio, "nephritis", within="response") == [done]
    assert RevisionWords.objects.count() == 1


def test_only_the_newest_response_counts(studio, ask):
    task = ask("One?")
    answered(task, studio.writer, "It is nephritis.")
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    assert found(studio, "nephritis", within="response") == [task]
    write(take_again(person=studio.writer, task_id=task.pk), "It is cystitis.")
    submit_revision(person=studio.writer, task_id=task.pk)
    take_up_words()
    assert found(studio, "nephritis", within="response") == []
    assert found(studio, "cystitis", within="response") == [task]


def test_pages_of_what_was_found_hold_every_row_once(studio, ask):
    tasks = [ask(f"kidney {number}") for number in range(5)]
    asked, seen = {"words": "kidney"}, []
    while True:
        page = page_of_tasks(studio.project, asked, size=2)
        seen += page.rows
        if not page.next:
            break
        asked = {name: value for name, (value,) in parse_qs(urlsplit(page.next).query).items()}
    assert seen == tasks[::-1]


def test_words_are_marked_and_nothing_in_a_text_runs(studio, ask, client):
    task = ask(EVIL)
    answered(task, studio.writer, "Where a < b & the kidney is <small>, wait.")
    client.force_login(studio.lead)
    for within in ("instruction", "response"):
        query = {"words": "kidney", "within": within}
        page = client.get(reverse("projects:tasks", args=[studio.project.slug]), query)
        shown = page.content.decode()
        assert "<mark>kidney</mark>" in shown, within
        assert "<script>alert" not in shown
    assert "a &lt; b &amp; the <mark>kidney</mark> is &lt;small&gt;" in shown
    page = client.get(reverse("projects:instructions", args=[studio.project.slug]), {"words": EVIL})
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize("role", ["writer", "expert", "format"])
def test_lists_of_a_project_stay_with_those_who_lead_or_observe_it(studio, ask, client, role):
    ask("kidney")
    for person in (getattr(studio, role), person_with(ProjectFactory(), Role.LEAD)):
        client.force_login(person)
        for name in ("tasks", "instructions"):
            address = reverse(f"projects:{name}", args=[studio.project.slug])
            assert client.get(address, {"words": "kidney"}).status_code == 403


def test_a_writer_finds_only_what_they_may_take(studio, ask, client):
    mine = ask("kidney for me")
    ask("kidney of another field", domain=DomainFactory(slug="law"))
    ask("kidney of another project", project=ProjectFactory())
    taken = ask("kidney with somebody else")
    take(person=person_with(studio.project, Role.WRITER, domain=studio.domain), task_id=taken.pk)
    client.force_login(studio.writer)
    page = client.get(reverse("write:browse"), {"words": "kidney"})
    assert list(page.context["shown"]) == [mine]
    assert "<mark>kidney</mark>" in page.content.decode()


def test_the_format_reviewer_finds_only_what_waits_for_them(studio, ask, client):
    waiting, early = ask("One about kidneys"), ask("Two about kidneys")
    for task, text in ((waiting, "It is nephritis."), (early, "It is nephritis too.")):
        answered(task, studio.writer, text)
    judged(studio.expert)
    client.force_login(studio.format)
    for words in ("kidneys", "nephritis"):
        page = client.get(reverse("review:ready"), {"words": words})
        assert [seat.task_id for seat, _ in page.context["seats"]] == [waiting.pk], words
        assert "<mark>" in page.content.decode()
    assert client.get(reverse("review:ready"), {"words": "liver"}).context["seats"] == []


def test_a_reviewer_finds_their_verdicts_and_nobody_elses(studio, ask, client):
    task = ask("About kidneys")
    answered(task, studio.writer, "It is nephritis.")
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    for person, count in ((studio.expert, 1), (studio.format, 0)):
        client.force_login(person)
        for words in ("kidneys", "nephritis"):
            page = client.get(reverse("review:own"), {"words": words})
            assert len(page.context["page"].rows) == count
    assert client.get(reverse("review:own"), {"words": "liver"}).context["page"].rows == []


def test_programs_look_through_instructions_and_never_through_responses(studio, ask, client):
    task = ask("About kidneys")
    answered(task, studio.writer, "It is nephritis.")
    client.force_login(studio.lead)
    for name, key in (("api-tasks", task.key), ("api-instructions", task.instruction.key)):
        address = reverse(name, args=[studio.project.slug])
        rows = client.get(address, {"words": "kidney"}).json()["results"]
        assert [row["key"] for row in rows] == [str(key)]
        asked = {"words": "nephritis", "within": "response"}
        assert client.get(address, asked).json()["results"] == []


def test_words_are_taken_up_once_by_jobs_and_left_ones_by_the_sweep(studio):
    instructions = [
        InstructionFactory(project=studio.project, domain=studio.domain) for _ in range(3)
    ]
    assert not InstructionWords.objects.exists()
    first = instructions[0].pk
    index_instructions(first=first, last=first)
    index_instructions(first=first, last=first)
    assert InstructionWords.objects.count() == 1
    take_up_words()
    assert InstructionWords.objects.count() == 3
    index_revisions()


def test_what_cannot_be_words_is_taken_up_all_the_same(studio, ask):
    for text in ("'); DROP TABLE x; --", "a'b\\c:*&|!", "\u200b\u202e", "x" * 100_000, "é\u0301"):
        ask(text)
    assert InstructionWords.objects.count() == Instruction.objects.count() == 5
    assert Task.objects.count() == 5
