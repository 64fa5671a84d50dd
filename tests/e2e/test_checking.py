"""What the checks find, in a real browser: taken out with one button, tried over the backlog, settled by keyboard."""

import pytest
from playwright.sync_api import expect

from annotation.models import Assignment
from annotation.services.claim import take
from annotation.services.look_up import know_instructions
from annotation.services.read_log import batches_of, verified
from annotation.writing_log import unpack
from corpus.models import Pair
from tests.e2e.browser import axe_violations
from tests.factories.annotation import InstructionFactory, ProjectVersionFactory, TaskFactory
from tests.factories.experts import DomainFactory, person_with

TEXT = "Write to m.keller@kellerpraxis.de, the practice, for the form."
CLEAN = "Write to [email], the practice, for the form."


@pytest.fixture
def desk(transactional_db, visitor, site):
    """(page, task): the writing page of a new task, saved with an address in it."""
    domain = DomainFactory()
    project = ProjectVersionFactory().project
    writer = person_with(project, "writer", domain=domain)
    task = TaskFactory(instruction=InstructionFactory(project=project, domain=domain))
    take(person=writer, task_id=task.pk)
    page = visitor(writer)
    page.goto(f"{site}/write/{task.pk}/")
    expect(page.locator("[data-save-times]")).not_to_be_empty()
    page.get_by_label("Response").click()
    page.keyboard.insert_text(TEXT)
    return page, task


def test_personal_data_is_taken_out_with_one_button_and_brought_back_with_one_key(desk):
    page, task = desk
    button = page.get_by_role("button", name="Replace with [email]")
    expect(button).to_be_visible(timeout=15_000)
    assert axe_violations(page) == []
    button.focus()
    page.keyboard.press("Enter")
    box = page.get_by_label("Response")
    expect(box).to_have_text(CLEAN)
    expect(box).to_be_focused()
    expect(button).to_have_count(0)
    page.keyboard.type("the office")
    expect(box).to_have_text(CLEAN.replace("[email]", "the office"))
    for _ in range(2):
        page.keyboard.press("Control+Z")
    expect(box).to_have_text(TEXT)
    for _ in range(2):
        page.keyboard.press("Control+Shift+Z")
    expect(box).to_have_text(CLEAN.replace("[email]", "the office"))
    expect(page.get_by_role("status").first).to_have_text("Saved", timeout=15_000)
    assignment = Assignment.objects.get(task=task)
    assert assignment.fields == {"response": CLEAN.replace("[email]", "the office")}
    assert verified(assignment).complete
    kinds = {edit.kind for batch in batches_of(assignment) for edit in unpack(bytes(batch.payload))}
    assert "redacted" in kinds


@pytest.fixture
def alike(transactional_db, visitor, site):
    """A lead's page of two pairs of like instructions."""
    project = ProjectVersionFactory().project
    domain = DomainFactory()
    texts = [
        "Name the four chambers of the heart, please.",
        "Which nerve moves the diaphragm, and why?",
    ]
    for text in texts:
        for shown in (text, text.upper()):
            messages = [{"role": "user", "content": shown}]
            InstructionFactory(project=project, domain=domain, messages=messages)
    while know_instructions(project_id=project.pk):
        pass
    page = visitor(person_with(project, "lead"))
    page.goto(f"{site}/projects/{project.slug}/duplicates/")
    return page


def test_likenesses_are_settled_by_single_keys(alike):
    groups = alike.get_by_role("form")
    expect(groups).to_have_count(2)
    assert axe_violations(alike) == []
    alike.keyboard.press("2")
    expect(groups).to_have_count(1)
    alike.keyboard.press("b")
    expect(alike.get_by_label("Why all are kept")).to_be_focused()
    alike.keyboard.type("Both are asked at the bedside.")
    alike.keyboard.press("Enter")
    expect(alike.get_by_text("No duplicates wait")).to_be_visible()
    states = dict(Pair.objects.values_list("state", "reason"))
    assert states == {"keep_one": "", "keep_both": "Both are asked at the bedside."}
