"""Every page about people opens, for a lead, for the person, and for nobody else."""

import pytest
from django.urls import reverse

from experts.enums import CredentialState, ExerciseKind, Role
from experts.models import Attempt, Exercise
from experts.services.members import pause_person
from tests.factories.experts import CredentialFactory, UserFactory, person_with

FOR_LEADS = [
    "people",
    "boards",
    "verification",
    "domains",
    "domains-export",
    "invite",
    "exercises",
    "ledgers",
]
FOR_ALL = [
    "profile",
    "my-data",
    "my-data-download",
    "agreements",
    "credential-add",
    "practice",
    "inbox",
    "notification-choices",
]


@pytest.fixture
def lead(studio, client):
    client.force_login(studio.lead)
    return client


def content(response):
    return b"".join(response) if response.streaming else response.content


@pytest.mark.parametrize("name", [*FOR_LEADS, *FOR_ALL])
def test_page_opens_for_a_lead(lead, name):
    response = lead.get(reverse(f"people:{name}"))
    assert response.status_code == 200
    assert content(response)


@pytest.mark.parametrize("name", FOR_ALL)
def test_page_opens_for_a_writer(studio, client, name):
    client.force_login(studio.writer)
    assert client.get(reverse(f"people:{name}")).status_code == 200


@pytest.mark.parametrize("name", FOR_LEADS)
def test_page_is_refused_to_a_writer(studio, client, name):
    client.force_login(studio.writer)
    assert client.get(reverse(f"people:{name}")).status_code == 403


@pytest.mark.parametrize("name", [*FOR_LEADS, *FOR_ALL])
def test_page_asks_strangers_to_sign_in(client, db, name):
    response = client.get(reverse(f"people:{name}"))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_person_page_shows_roles_credentials_work_and_standing(studio, lead):
    pause_person(
        actor=studio.lead, person=studio.writer, project=studio.project, reason="Asked for a break."
    )
    page = lead.get(reverse("people:person", args=[studio.writer.pseudonym])).content.decode()
    for words in (
        "Writer in",
        "Licence to practise",
        "approved",
        "Asked for a break.",
        studio.writer.pseudonym,
    ):
        assert words in page


def test_person_page_is_closed_to_colleagues(studio, client):
    client.force_login(studio.expert)
    assert client.get(reverse("people:person", args=[studio.writer.pseudonym])).status_code == 403


def test_lead_of_another_project_sees_nobody_here(studio, client):
    from tests.factories.annotation import ProjectVersionFactory

    other = person_with(ProjectVersionFactory().project, Role.LEAD)
    client.force_login(other)
    assert client.get(reverse("people:person", args=[studio.writer.pseudonym])).status_code == 403
    assert studio.writer.email not in client.get(reverse("people:people")).content.decode()


def test_pages_of_single_things_open(studio, lead):
    waiting = CredentialFactory(
        person=studio.writer, state=CredentialState.PENDING, verified_by=None, verified_at=None
    )
    exercise = Exercise.objects.create(
        kind=ExerciseKind.PRACTICE,
        project=studio.project,
        title="First",
        prompt="Explain **fever**.",
    )
    attempt = Attempt.objects.create(
        exercise=exercise, person=studio.writer, text="Words", state="practised"
    )
    measure = pause_person(
        actor=studio.lead, person=studio.writer, project=studio.project, reason="A reason."
    )
    addresses = [
        reverse("people:verify", args=[waiting.pk]),
        reverse("people:credential", args=[waiting.pk]),
        reverse("people:member", args=[studio.writer.pseudonym]),
        reverse("people:ledger", args=[studio.writer.pseudonym]),
        reverse("people:ledger", args=[studio.writer.pseudonym]) + "?csv=1",
        reverse("people:domain", args=[studio.domain.pk]),
        reverse("people:attempt", args=[attempt.pk]),
        reverse("people:measure", args=[measure.pk]),
    ]
    assert {lead.get(address).status_code for address in addresses} == {200}


def test_every_board_counts_exactly_its_rows(studio, lead):
    from experts.boards import boards

    UserFactory(email="idle@example.org")
    person_with(studio.project, Role.WRITER)
    for board in boards():
        page = lead.get(reverse("people:board", args=[board.slug]))
        assert page.status_code == 200
        count = board.count(studio.lead)
        assert page.context["shown"].paginator.count == count
        assert len(page.context["rows"]) == min(count, 50)


@pytest.mark.parametrize("count", [1, 3])
def test_people_list_takes_the_same_queries_for_any_number(
    studio, lead, count, django_assert_max_num_queries
):
    for _ in range(count):
        person_with(studio.project, Role.WRITER, domain=studio.domain)
    with django_assert_max_num_queries(16):
        lead.get(reverse("people:people"))


def test_opening_a_page_changes_nothing(studio, lead):
    from audit.models import Event

    before = Event.objects.count()
    for name in [*FOR_LEADS, *FOR_ALL]:
        content(lead.get(reverse(f"people:{name}")))
    assert Event.objects.count() == before
