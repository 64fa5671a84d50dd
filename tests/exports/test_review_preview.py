"""A response under review as the model sees it: where the code that trainers use is not installed."""

import pytest
from django.urls import reverse

from review.services.claim_seat import take_next_review
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("view", ["model", "tokens"])
def test_without_transformers_a_reviewer_reads_a_plain_sentence(client, studio, monkeypatch, view):
    monkeypatch.setattr("exports.preview.runner.find_spec", lambda name: None)
    instruction = InstructionFactory(project=studio.project, domain=studio.domain)
    submitted(TaskFactory(instruction=instruction), studio.writer, "Take 500 mg.")
    seat = take_next_review(person=studio.expert)
    client.force_login(studio.expert)
    answer = client.get(reverse("datasets:review-preview", args=[seat.pk]), {"view": view})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "which is not installed here" in page
    assert "An administrator can add it." in page
    assert 'role="alert"' not in page


def test_what_is_too_long_to_be_laid_out_is_said_at_once(client, studio, monkeypatch):
    monkeypatch.setattr("exports.views.review_preview.LARGEST", 50)
    instruction = InstructionFactory(project=studio.project, domain=studio.domain)
    submitted(TaskFactory(instruction=instruction), studio.writer, "Take 500 mg.")
    seat = take_next_review(person=studio.expert)
    client.force_login(studio.expert)
    page = client.get(reverse("datasets:review-preview", args=[seat.pk])).content.decode()
    assert "up to 50 can be laid out here" in page
