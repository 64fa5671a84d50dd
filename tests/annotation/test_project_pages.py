"""Pages of projects: numbers open their rows, lists go by key, editing makes versions."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from annotation.models import ProjectVersion
from annotation.overview import page_by_key, state_counts, tasks_in
from experts.models import Project
from review.enums import Verdict
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted
from tests.factories.experts import DomainFactory, UserFactory
from tests.factories.review import judged


@pytest.fixture
def work(studio):
    """One task approved, one with changes requested, three open."""
    tasks = [
        TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
        for _ in range(5)
    ]
    for task, verdict in zip(tasks, (Verdict.APPROVE, Verdict.REQUEST_CHANGES), strict=False):
        submitted(task, studio.writer)
        judged(studio.expert, verdict)
    judged(studio.format)
    studio.tasks = tasks
    return studio


def get(client, name, *args, **query):
    return client.get(reverse(f"projects:{name}", args=args), query)


def test_every_count_is_the_number_of_its_rows(work, client):
    client.force_login(work.lead)
    page = get(client, "project", work.project.slug)
    for state, number in page.context["counts"]:
        rows = get(client, "tasks", work.project.slug, state=state.value)
        assert rows.context["count"] == len(rows.context["shown"].rows) == number
    (slice_,) = page.context["slices"]
    for figure, query in (
        (slice_.total, {}),
        (slice_.under_way, {"state": "under_way"}),
        (slice_.open, {"state": "open"}),
    ):
        rows = get(client, "tasks", work.project.slug, domain="medicine", **query)
        assert rows.context["count"] == figure


def test_lists_and_details_open(work, client):
    client.force_login(work.lead)
    task = work.tasks[0]
    story = get(client, "task", work.project.slug, task.pk).content.decode()
    assert "Passed by the expert review" in story
    assert work.writer.name in story
    for name, args in (
        ("projects", ()), ("instructions", (work.project.slug,)), ("version", (work.project.slug, 1)),
        ("instruction", (work.project.slug, task.instruction_id)),
    ):  # fmt: skip
        assert get(client, name, *args).status_code == 200
    assert get(client, "task", work.project.slug, 10**9).status_code == 404
    assert get(client, "project", "nowhere").status_code == 404


def test_pages_by_key_hold_every_row_once_and_lead_back(work):
    rows = tasks_in(work.project, {})
    asked, seen, back = {}, [], ""
    while True:
        page = page_by_key(rows, {"state": "", **asked}, size=2)
        seen += [row.pk for row in page.rows]
        back = page.previous
        if not page.next:
            break
        asked = {name: value[0] for name, value in parse_qs(urlsplit(page.next).query).items()}
    assert seen == sorted((task.pk for task in work.tasks), reverse=True)
    asked = {name: value[0] for name, value in parse_qs(urlsplit(back).query).items()}
    assert [row.pk for row in page_by_key(rows, asked, size=2).rows] == seen[2:4]


def test_filters_take_a_domain_with_all_below(work):
    below = DomainFactory(slug="cardiology", parent=work.domain)
    TaskFactory(instruction=InstructionFactory(project=work.project, domain=below))
    assert tasks_in(work.project, {"domain": "medicine"}).count() == 6
    assert tasks_in(work.project, {"domain": "medicine.cardiology"}).count() == 1
    assert sum(number for _, number in state_counts(work.project)) == 6


def test_the_number_of_queries_does_not_grow_with_the_rows(
    work, client, django_assert_max_num_queries
):
    client.force_login(work.lead)
    for name in ("tasks", "instructions"):
        with django_assert_max_num_queries(14):
            get(client, name, work.project.slug)


def edit(client, project, **changes):
    form = {
        "name": project.name, "responses_wanted": 1, "lease_minutes": 120, "expert_seats": 1, "format_seats": 1,
        "licence": "cc-by-4.0", **changes,
    }  # fmt: skip
    return client.post(reverse("projects:project-edit", args=[project.slug]), form)


def test_editing_makes_a_version_and_saving_the_same_makes_none(studio, client):
    client.force_login(studio.lead)
    edit(client, studio.project, guideline="Answer first.", expert_seats=2, targets="medicine = 40")
    edit(client, studio.project, guideline="Answer first.", expert_seats=2, targets="medicine = 40")
    first, second = ProjectVersion.objects.filter(project=studio.project).order_by("number")
    assert (first.guideline, second.guideline) == ("", "Answer first.")
    assert second.pipeline[0] == {"stage": "expert", "seats": 2}
    assert second.coverage_targets == {"domain": {"medicine": 40}}
    assert second.created_by == studio.lead


def test_what_does_not_hold_is_said_beside_the_field(studio, client):
    client.force_login(studio.lead)
    response = edit(
        client, studio.project, targets="astrology = 3", default_domain="nowhere", lease_minutes=0
    )
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"targets", "default_domain", "lease_minutes"}


def test_administrators_set_up_projects(db, client):
    client.force_login(UserFactory(is_superuser=True))
    form = {
        "name": "Law", "slug": "law", "responses_wanted": 1, "lease_minutes": 120, "expert_seats": 1,
        "format_seats": 1, "licence": "cc0-1.0",
    }  # fmt: skip
    assert client.post(reverse("projects:project-new"), {**form, "slug": "new"}).status_code == 422
    assert client.post(reverse("projects:project-new"), form).status_code == 302
    assert client.post(reverse("projects:project-new"), form).status_code == 422
    assert Project.objects.get().versions.get().rights == {"licence": "cc0-1.0"}
