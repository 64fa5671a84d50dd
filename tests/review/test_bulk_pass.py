"""All that is green passes together, but for a sample."""

import pytest
from django.urls import reverse

from review.enums import SeatState
from review.models import Review, Seat
from review.services.bulk_pass import bulk_pass
from tests.factories.annotation import submitted
from tests.factories.review import judged
from tests.review.conftest import TEXT, another_text, with_settings

pytestmark = pytest.mark.django_db


def test_bulk_pass_keeps_a_sample_back(studio, make_task):
    with_settings(studio, undo_seconds=0, bulk_sample=0.5)
    for number in range(6):
        submitted(make_task(), studio.writer, another_text(number))
        judged(studio.expert)
    seats = list(Seat.objects.filter(stage="format").values_list("pk", flat=True))
    outcome = bulk_pass(person=studio.format, seat_ids=seats)
    assert sorted(outcome.passed + outcome.drawn) == sorted(seats)
    assert Review.objects.filter(stage="format", bulk=True).count() == len(outcome.passed)
    held = Seat.objects.filter(reviewer=studio.format, state=SeatState.HELD)
    assert held.count() == len(outcome.drawn)


def test_after_a_pass_the_filters_still_stand(client, studio, task):
    with_settings(studio, undo_seconds=0, bulk_sample=0)
    submitted(task, studio.writer, TEXT)
    judged(studio.expert)
    client.force_login(studio.format, backend="django.contrib.auth.backends.ModelBackend")
    sent = {"seat": Seat.objects.get(stage="format").pk, "query": "green=yes"}
    answer = client.post(reverse("review:pass-all"), sent)
    assert answer.url == reverse("review:ready") + "?green=yes"


def test_bulk_pass_refuses_what_is_not_green_or_not_free(studio, task):
    revision = submitted(task, studio.writer, TEXT)
    judged(studio.expert)
    revision.findings.create(
        check_id="length", check_version="1", severity="warning", message="Long"
    )
    seat = Seat.objects.get(stage="format")
    outcome = bulk_pass(person=studio.format, seat_ids=[seat.pk])
    assert not outcome.passed
    assert outcome.refused
