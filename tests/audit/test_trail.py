"""The audit trail: searchable, downloadable, for administrators alone."""

import csv

import pytest
from django.urls import reverse

from audit.queries import Wanted, events
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted
from tests.factories.experts import UserFactory


@pytest.fixture
def task(studio):
    made = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    submitted(made, studio.writer)
    return made


@pytest.fixture
def administrator(db):
    return UserFactory(is_superuser=True)


def verbs(**wanted):
    return [
        event.verb for event in events(Wanted(**wanted)) if event.object_type == "annotation.task"
    ]


def test_events_narrow_by_every_field(studio, task):
    assert verbs(verb="annotation.task_") == ["annotation.task_submit", "annotation.task_claim"]
    assert verbs(target=f"annotation.task {task.pk}") == verbs(verb="annotation.task_")
    assert verbs(person=studio.writer.email) == verbs(verb="annotation.task_")
    assert verbs(person="nobody@example.org") == []


def test_the_page_lists_and_pages_by_key(client, administrator, task):
    client.force_login(administrator)
    page = client.get(reverse("audit:trail"), {"verb": "annotation.task_"})
    assert page.status_code == 200
    assert "annotation.task_claim" in page.content.decode()
    last = page.context["rows"][0].pk
    older = client.get(reverse("audit:trail"), {"verb": "annotation.task_", "before": last})
    assert [row.verb for row in older.context["rows"]] == ["annotation.task_claim"]


def test_the_download_holds_every_event_that_fits(client, administrator, task):
    client.force_login(administrator)
    answer = client.get(reverse("audit:trail-download"), {"verb": "annotation.task_"})
    rows = list(csv.DictReader(answer.getvalue().decode().splitlines()))
    assert [row["verb"] for row in rows] == ["annotation.task_submit", "annotation.task_claim"]


def test_others_are_refused_with_a_reason(client, studio):
    client.force_login(studio.lead)
    answer = client.get(reverse("audit:trail"))
    assert answer.status_code == 403
    assert "administrator" in answer.content.decode()


def test_nonsense_in_the_search_is_no_error(client, administrator):
    client.force_login(administrator)
    query = {"since": "yesterday", "before": "x", "target": "\x00", "verb": "%"}
    assert client.get(reverse("audit:trail"), query).status_code == 200
