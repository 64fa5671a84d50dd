"""A newcomer sees the way to the first piece of work, and how far along it they are."""

import pytest

from config.first_steps import first_steps
from experts.enums import CredentialState, ExerciseKind, Role
from experts.models import Exercise
from experts.services.agreements import accept_agreements
from tests.factories.annotation import (
    InstructionFactory,
    ProjectVersionFactory,
    TaskFactory,
    submitted,
)
from tests.factories.experts import CredentialFactory, DomainFactory, person_with


@pytest.fixture
def project(db):
    return ProjectVersionFactory().project


def left(person):
    return [(step.title, bool(step.action)) for step in first_steps(person) if not step.done]


def test_each_step_leads_on_until_the_first_response_is_handed_in(client, project):
    Exercise.objects.create(
        kind=ExerciseKind.PRACTICE, project=project, title="A short answer", prompt="Why?"
    )
    domain, person = DomainFactory(), person_with(project, Role.WRITER, accepted=False)
    assert left(person) == [
        ("Read and accept the agreements", True),
        ("Show what you are qualified in", True),
        ("Practise: A short answer", True),
    ]
    client.force_login(person)
    page = client.get("/").text
    assert "Your first steps" in page
    assert 'class="button primary push" href="/people/agreements/?next=/"' in page
    assert page.count("button primary") == 1
    assert "Tasks reach you once a credential of yours is verified." in page

    CredentialFactory(
        person=person,
        domains=[domain],
        state=CredentialState.PENDING,
        verified_by=None,
        verified_at=None,
    )
    assert ("Show what you are qualified in", False) in left(person)
    CredentialFactory(person=person, domains=[domain])
    accept_agreements(person=person)
    assert left(person) == [("Practise: A short answer", True)]


def test_whoever_has_worked_sees_none(client, project):
    domain = DomainFactory()
    person = person_with(project, Role.WRITER, domain=domain)
    Exercise.objects.create(
        kind=ExerciseKind.PRACTICE, project=project, title="A short answer", prompt="Why?"
    )
    assert first_steps(person)
    submitted(TaskFactory(instruction=InstructionFactory(project=project, domain=domain)), person)
    assert first_steps(person) == []


@pytest.mark.parametrize("role", [Role.LEAD, Role.OBSERVER])
def test_whoever_neither_writes_nor_reviews_has_none(project, role):
    assert first_steps(person_with(project, role)) == []


def test_a_format_reviewer_needs_no_credential(project):
    assert left(person_with(project, Role.FORMAT, accepted=False)) == [
        ("Read and accept the agreements", True)
    ]
