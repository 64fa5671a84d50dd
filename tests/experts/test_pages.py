"""Every page about people opens, for a lead, for the person, and for nobody else."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotation.models import Assignment, Task
from annotation.services.claim import take, take_next
from annotation.services.release import lapse_leases
from annotation.services.submit import submit_revision
from experts.enums import CredentialState, ExerciseKind, Role
from experts.models import Attempt, Exercise, Membership
from experts.services.credentials import revoke_credential
from experts.services.members import pause_person
from review.enums import Verdict
from review.models import CalibrationItem, CalibrationSitting
from review.services.claim_seat import take_next_review
from tests.factories.annotation import (
    InstructionFactory,
    ProjectVersionFactory,
    TaskFactory,
    write,
)
from tests.factories.experts import CredentialFactory, DomainFactory, UserFactory, person_with
from tests.factories.review import judged

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


@pytest.fixture
def busy(studio):
    """The writer with a response in review, one returned and one in hand; the expert with a review given and one held."""
    for _ in range(4):
        TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    for _ in range(2):
        assignment = write(take_next(person=studio.writer))
        submit_revision(person=studio.writer, task_id=assignment.task_id)
    take_next_review(person=studio.expert)
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    take_next_review(person=studio.expert)
    take(person=studio.writer, task_id=Task.objects.filter(state="open").earliest("pk").pk)
    Assignment.objects.filter(state="live").update(
        leased_until=timezone.now() - timedelta(minutes=1)
    )
    lapse_leases()
    take(person=studio.writer, task_id=Task.objects.filter(state="open").latest("pk").pk)
    return studio


@pytest.mark.parametrize("whose", ["writer", "expert"])
@pytest.mark.parametrize("viewer", ["self", "lead"])
def test_every_figure_of_a_person_opens_exactly_its_rows(busy, client, whose, viewer):
    person = getattr(busy, whose)
    client.force_login(person if viewer == "self" else busy.lead)
    page = client.get(reverse("people:person", args=[person.pseudonym]))
    figures = {figure.slug: figure.value for figure in page.context["figures"]}
    wanted = (
        {"being-written": 1, "in-review": 1, "returned": 1, "approved": 0}
        if whose == "writer"
        else {"to-review": 1, "reviews-given": 1}
    )
    assert figures.items() >= wanted.items()
    for slug, value in figures.items():
        address = reverse("people:work", args=[person.pseudonym, slug])
        assert f'href="{address}"' in page.content.decode()
        rows = client.get(address)
        assert rows.context["shown"].paginator.count == len(rows.context["rows"]) == value
        for row in rows.context["rows"]:
            links = [cell.url for _, cell in row if cell.url]
            assert links
            assert {client.get(link).status_code for link in links} == {200}


def test_every_number_of_the_workload_board_opens_exactly_its_rows(busy, lead):
    page = lead.get(reverse("people:board", args=["workload"]))
    numbers = [
        cell for row in page.context["rows"] for _, cell in row if isinstance(cell.value, int)
    ]
    assert sorted(cell.value for cell in numbers if cell.value) == [1, 1, 2]
    for cell in numbers:
        assert lead.get(cell.url).context["shown"].paginator.count == cell.value


def test_lead_of_one_project_sees_work_of_that_project_only(busy, client):
    elsewhere = ProjectVersionFactory().project
    Membership.objects.create(project=elsewhere, person=busy.writer, role=Role.WRITER)
    client.force_login(person_with(elsewhere, Role.LEAD))
    page = client.get(reverse("people:person", args=[busy.writer.pseudonym]))
    assert {figure.value for figure in page.context["figures"]} == {0}
    address = reverse("people:work", args=[busy.writer.pseudonym, "in-review"])
    for query in ("", f"?project={busy.project.slug}"):
        assert client.get(address + query).context["rows"] == []
    client.force_login(busy.expert)
    assert client.get(address).status_code == 403


def test_calibration_items_count_among_the_figures_of_their_reviewer(studio, client):
    """A number that left them out would tell which review was one."""
    item = CalibrationItem.objects.create(
        project=studio.project, domain=studio.domain, stage="expert", title="Known flaws",
        content={"messages": [{"role": "user", "content": "A planted question?"}], "response": "No."},
        created_by=studio.lead,
    )  # fmt: skip
    sitting = CalibrationSitting.objects.create(item=item, reviewer=studio.expert)
    client.force_login(studio.expert)
    rows = client.get(reverse("people:work", args=[studio.expert.pseudonym, "to-review"]))
    [[(_, title), *_]] = rows.context["rows"]
    assert "A planted question?" in title.value
    assert title.url == reverse("review:seat", args=[sitting.pk])
    assert "Known flaws" not in rows.content.decode()


def test_every_number_of_holders_opens_exactly_these_people(studio, lead):
    revoked = CredentialFactory(person=studio.writer, domains=[DomainFactory(slug="law")])
    revoke_credential(credential=revoked, verifier=studio.lead, reason="Lapsed.")
    stranger = CredentialFactory(domains=[studio.domain]).person
    page = lead.get(reverse("people:domains"))
    holders = {domain.path: domain.holders for domain in page.context["tree"]}
    assert holders == {"law": 0, "medicine": 2}
    for path, count in holders.items():
        listed = lead.get(reverse("people:people"), {"domain": path}).context["shown"]
        assert listed.paginator.count == count
        assert stranger not in listed.object_list


def test_every_total_of_the_ledger_opens_exactly_its_lines(busy, lead):
    judged(busy.expert)
    judged(busy.format)
    address = reverse("people:ledgers")
    page = lead.get(address)
    assert {(total.kind, int(total.quantity)) for total in page.context["totals"]} == {
        ("record", 1),
        ("review", 3),
    }
    for total in page.context["totals"]:
        query = {"project": total.project.slug, "work": total.kind, "currency": total.currency}
        opened = lead.get(address, query)
        assert sum(line.quantity for line in opened.context["lines"]) == total.quantity
        assert {line.kind for line in opened.context["lines"]} == {total.kind}
        assert opened.context["totals"] == page.context["totals"]
