"""Reviewing in a real browser: two people, one after the other, at once."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from annotation.enums import TaskState
from tests.e2e.browser import photograph, sign_in
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted

TEXT = """Take **500 mg** of paracetamol every six hours, at most 4 g a day.

- Below 50 kg the limit is lower.
- With liver disease, ask first.
"""


@pytest.fixture
def studio(transactional_db, studio):
    return studio


@pytest.fixture
def task(studio):
    return TaskFactory(
        instruction=InstructionFactory(
            project=studio.project,
            domain=studio.domain,
            messages=[
                {"role": "system", "content": "Answer for adults without other illnesses."},
                {"role": "user", "content": "How much paracetamol may I take in a day?\nI weigh 70 kg."},
            ],
            requirements=[
                {"id": "r1", "text": "Name the largest daily dose.", "kind": "ask"},
                {"id": "r2", "text": "At most 120 words.", "kind": "constraint"},
            ],
            evidence=[{"id": "e1", "title": "Leaflet", "text": "Adults: 500 mg to 1 g, at most 4 g in 24 hours."}],
        )
    )


def take_review(page, site):
    page.goto(f"{site}/review/")
    page.get_by_role("button", name="Take next review").click()
    expect(page.get_by_role("heading", name="Response")).to_be_visible()


def looked_at(page, name):
    if folder := os.environ.get("PHOTOGRAPHS"):
        photograph(page, Path(folder), name)


def test_expert_approves_and_the_format_reviewer_has_it_at_once(visitor, site, studio, task):
    submitted(task, studio.writer, TEXT)
    expert = visitor(studio.expert)
    take_review(expert, site)
    looked_at(expert, "seat")
    expert.get_by_role("button", name="Approve").click()
    expect(expert.get_by_role("button", name="Undo")).to_be_visible()
    looked_at(expert, "home")
    other = visitor(studio.format)
    take_review(other, site)
    looked_at(other, "format")
    other.get_by_role("button", name="Approve").click()
    expect(other.get_by_role("button", name="Undo")).to_be_visible()
    task.refresh_from_db()
    assert task.state == TaskState.FORMAT_REVIEW
