"""A lead says how a project is reviewed: stages, seats, criteria, limits; what began keeps its own."""

import pytest
from django.urls import reverse

from annotation.forms.project import ProjectForm
from annotation.queries import current_version
from experts.enums import Role
from lib.errors import Invalid, NotAllowed
from review.forms.project import ProjectReviewForm
from review.models import Seat
from review.rubric import as_text, criteria_in
from review.services.change_review import change_review
from review.services.claim_seat import take_next_review
from review.stages import PIPELINE, by_slug
from tests.factories.annotation import submitted
from tests.factories.experts import person_with
from tests.review.conftest import TEXT, another_text, with_settings

OWN = """Dose
pass: Every dose is right.
fix: A unit is missing.
fail: A dose harms.
- The dose is too high.

Accuracy
pass: It holds.
fix: A slip.
fail: It is wrong.
"""


@pytest.mark.parametrize("stage", PIPELINE, ids=lambda stage: stage.slug)
def test_criteria_written_down_are_read_back(stage):
    found = criteria_in(as_text(stage.criteria), before=stage.criteria)
    assert [each["id"] for each in found] == [criterion.id for criterion in stage.criteria]
    assert [each.get("canned", []) for each in found] == [list(c.canned) for c in stage.criteria]


def test_a_criterion_keeps_its_id_with_its_name_and_a_new_one_gets_its_own():
    found = criteria_in(OWN.replace("\n", "\r\n"), before=by_slug("expert").criteria)
    assert [each["id"] for each in found] == ["dose", "accuracy"]
    assert found[0]["canned"] == ["The dose is too high."]
    assert found[1]["anchors"]["fail"] == "It is wrong."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  ", "between one and"),
        ("Dose\npass: a\nfix: b", "says nothing of fail"),
        ("Dose\nhm", "begins neither"),
        (f"{OWN}\n{OWN}", "Two criteria are called"),
        ("!\npass: a\nfix: b\nfail: c", "is no name"),
    ],
)
def test_what_is_amiss_in_criteria_is_said(text, words):
    with pytest.raises(ValueError, match=words):
        criteria_in(text, before=())


def sent(form, **changes):
    """What the page would send with these fields changed."""
    data = {}
    for part in (*form.stages, form.settings):
        for field in part:
            value = part.get_initial_for_field(field.field, field.name)
            if value is not None and value is not False:
                data[field.html_name] = value
    return data | changes


@pytest.mark.django_db
def test_a_page_sent_as_it_came_changes_nothing_but_what_it_spells_out(client, studio):
    client.force_login(studio.lead, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("review:project", args=[studio.project.slug])
    assert client.get(address).status_code == 200
    form = ProjectReviewForm(current_version(studio.project))
    assert client.post(address, sent(form)).status_code == 302
    after = current_version(studio.project)
    assert (after.pipeline, after.rubrics) == (studio.version.pipeline, studio.version.rubrics)
    assert client.post(address, sent(ProjectReviewForm(after))).status_code == 302
    assert current_version(studio.project) == after


@pytest.mark.django_db
def test_seats_shares_and_criteria_hold_for_what_is_written_from_now_on(client, studio, make_task):
    before = make_task()
    submitted(before, studio.writer, TEXT)
    client.force_login(studio.lead, backend="django.contrib.auth.backends.ModelBackend")
    data = sent(
        ProjectReviewForm(current_version(studio.project)),
        **{
            "expert-seats": 2, "expert-share": 0, "expert-tags": "high-risk, dose",
            "expert-min_difficulty": 4, "expert-criteria": OWN,
            "undo_seconds": 0, "answer_evidence_flags": "on", "change_note": "More eyes.",
        },
    )  # fmt: skip
    assert (
        client.post(reverse("review:project", args=[studio.project.slug]), data).status_code == 302
    )
    version = current_version(studio.project)
    assert version.pipeline[0] == {
        "stage": "expert", "seats": 2, "share": 0, "min_difficulty": 4, "tags": ["high-risk", "dose"],
    }  # fmt: skip
    assert version.settings["answer_evidence_flags"] is True
    assert version.change_note == "More eyes."
    hard, easy = make_task(difficulty=5), make_task(difficulty=1)
    for number, task in enumerate((hard, easy)):
        submitted(task, studio.writer, another_text(number))
    assert [Seat.objects.filter(task=task).count() for task in (hard, easy, before)] == [2, 1, 1]
    held = take_next_review(person=studio.expert)
    assert held.task == before
    client.force_login(studio.expert, backend="django.contrib.auth.backends.ModelBackend")
    assert "mark_dose" not in client.get(reverse("review:seat", args=[held.pk])).content.decode()


@pytest.mark.django_db
def test_what_is_amiss_comes_back_with_what_was_typed(client, studio):
    client.force_login(studio.lead, backend="django.contrib.auth.backends.ModelBackend")
    data = sent(
        ProjectReviewForm(current_version(studio.project)), **{"format-criteria": "Tone\nhm"}
    )
    answer = client.post(reverse("review:project", args=[studio.project.slug]), data)
    assert answer.status_code == 422
    assert "begins neither" in answer.content.decode()
    assert current_version(studio.project) == studio.version


@pytest.mark.django_db
def test_only_a_lead_of_the_project_changes_it(client, studio):
    other = person_with(with_settings(studio).project, Role.OBSERVER)
    with pytest.raises(NotAllowed):
        change_review(person=other, project=studio.project, pipeline=[], rubrics={}, settings={})
    with pytest.raises(Invalid):
        change_review(
            person=studio.lead, project=studio.project, pipeline=[{"stage": "none"}],
            rubrics={}, settings={},
        )  # fmt: skip
    client.force_login(studio.expert, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("review:project", args=[studio.project.slug])).status_code == 403
    client.force_login(studio.lead, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("review:project", args=["nowhere"])).status_code == 404


@pytest.mark.django_db
def test_a_step_without_a_number_of_seats_opens_on_the_page_of_the_project(studio):
    version = with_settings(studio, pipeline=[{"stage": "expert"}, {"stage": "format"}])
    assert ProjectForm.initial_of(version)["expert_seats"] == 1
