"""The demo is real work: every state, the promised accounts, and a clear way for a first visitor."""

import pytest
from django.core.management import CommandError, call_command

from annotation.enums import TaskState
from annotation.models import Assignment, Instruction, Task
from annotation.queries import live_work_of, returned_to
from annotation.services.claim import take_next
from annotation.services.save_draft import save_plain
from annotation.services.submit import submit_revision
from experts.models import User
from review.enums import Verdict
from review.services.claim_seat import take_next_review
from review.services.submit_review import submit_review


@pytest.fixture
def demo(db):
    call_command("load_demo", verbosity=0)
    return {person.email.partition("@")[0]: person for person in User.objects.all()}


def counts():
    return {
        model.__name__: model.objects.count() for model in (User, Instruction, Task, Assignment)
    }


def test_demo_has_what_it_promises_and_loading_again_adds_nothing(demo, client):
    tasks = Task.objects.filter(project__slug="demo")
    assert set(tasks.values_list("state", flat=True)) == set(TaskState.values)
    approved = tasks.filter(state=TaskState.APPROVED).select_related("domain")
    assert len(approved) >= 24
    assert len({task.domain.path.partition(".")[0] for task in approved}) >= 3
    assert tasks.filter(state=TaskState.OPEN, domain__path__startswith="medicine").count() >= 12
    for name in ("writer", "expert", "format", "admin"):
        assert client.login(email=f"{name}@example.org", password="firsthand-demo")
    assert demo["admin"].is_superuser
    assert not demo["law-writer"].has_usable_password()
    before = counts()
    call_command("load_demo", verbosity=0)
    assert counts() == before


def test_visitor_takes_a_fresh_task_and_it_goes_straight_through(demo):
    assert not live_work_of(demo["writer"]).exists()
    assert not returned_to(demo["writer"]).exists()
    assignment = take_next(person=demo["writer"])
    task = assignment.task
    assert task.domain.path.startswith("medicine")
    assert assignment.fields == {}
    text = "Yes, it is safe to wait, as long as nothing changes. Come back if it does."
    save_plain(
        person=demo["writer"],
        task_id=task.pk,
        texts={"response": text},
        version=assignment.draft_version,
    )
    submit_revision(person=demo["writer"], task_id=task.pk)
    for name in ("expert", "format"):
        seat = take_next_review(person=demo[name])
        assert seat.task_id == task.pk
        submit_review(
            person=demo[name],
            seat_id=seat.pk,
            revision_id=seat.revision_id,
            verdict=Verdict.APPROVE,
        )
    task.refresh_from_db()
    assert task.state == TaskState.APPROVED


def test_demo_is_refused_where_debug_is_off_and_nobody_asked(db, settings):
    settings.DEBUG = False
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo")
    assert not User.objects.exists()
