"""Strictness over time: the two rules, and what leads see and hear of them."""

from datetime import date, timedelta

import pytest

from experts.enums import Delivery, NotificationKind, Role
from experts.models import Notification
from experts.services.notify import choose_delivery
from review.drift import Course, Sample, drift_of
from review.models import Review
from review.services.watch_drift import tell_of_drift
from tests.bench.world import copy_rows
from tests.factories.annotation import submitted
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import TEXT

MONDAY = date(2026, 1, 5)


def weeks(*shares, reviews=40):
    return [
        Sample(MONDAY + timedelta(weeks=number), reviews, round(share * reviews))
        for number, share in enumerate(shares)
    ]


def charted(*shares, reviews=40, peers=0.8):
    return drift_of(
        weeks(*shares, reviews=reviews), peer_reviews=1_000, peer_approved=round(1_000 * peers)
    )


def test_limits_are_three_standard_errors_around_the_peers():
    point = charted(0.8, 0.8, 0.8, 0.8).points[0]
    # sqrt(0.8 * 0.2 / 40) = 0.063246
    assert point.low == pytest.approx(0.8 - 0.189737, abs=1e-6)
    assert point.high == pytest.approx(0.8 + 0.189737, abs=1e-6)


def test_one_week_outside_speaks_up_and_says_which_way():
    assert charted(0.8, 0.8, 0.8, 0.5).course == Course.STRICTER
    assert charted(0.8, 0.8, 0.8, 1.0).course == Course.MILDER
    assert charted(0.8, 0.8, 0.8, 0.75).course == Course.STEADY


def test_small_steps_in_one_direction_add_up():
    found = charted(*[0.7] * 6)  # 1.58 standard errors a week: none is outside, five pass the limit
    assert not any(point.is_outside for point in found.points)
    assert [point.has_shifted for point in found.points] == [False] * 4 + [True] * 2
    assert found.course == Course.STRICTER


def test_what_is_over_is_not_held_against_anybody():
    assert charted(0.5, 0.9, 0.9, 0.85, 0.8, 0.8).course == Course.STEADY


@pytest.mark.parametrize(
    "found",
    [
        drift_of(weeks(0.1, 0.1, 0.1, 0.1, 0.1), peer_reviews=49, peer_approved=49),
        charted(0.1, 0.1, 0.1),
        charted(0.1, 0.1, 0.1, 0.1, 0.1, reviews=9),
        drift_of([], peer_reviews=1_000, peer_approved=800),
    ],
)
def test_too_few_to_say(found):
    assert found.course == Course.FEW


def test_peers_who_all_approve_do_not_make_one_refusal_a_drift():
    assert charted(1.0, 1.0, 1.0, 0.975, peers=1.0).course == Course.STEADY


@pytest.fixture
def strict(studio, task):
    """An expert who approves half of what ten peers' worth of verdicts all but let pass, for six weeks."""
    submitted(task, studio.writer, TEXT)
    review = judged(studio.expert)
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    ago = "date_trunc('week', now()) - (1 + n % 6) * interval '1 week' + interval '1 day'"
    verdict = "CASE WHEN n / 6 % 2 = 0 THEN 'approve' ELSE 'reject' END"
    copy_rows(Review, review, 240, first=10_000, created_at=ago, verdict=verdict, note="'Words'",
              number="1000 + n")  # fmt: skip
    copy_rows(Review, review, 600, first=20_000, created_at=ago, reviewer_id=str(other.pk),
              number="2000 + n")  # fmt: skip
    return studio.expert


@pytest.mark.django_db
def test_leads_are_told_once_and_the_reviewer_is_not(studio, strict):
    assert tell_of_drift() >= 1
    told = Notification.objects.get(person=studio.lead, key__contains=f"-{strict.pk}-expert-")
    assert "stricter" in told.body
    assert told.url == f"/review/quality/{strict.pk}/expert/"
    assert told.kind == NotificationKind.DRIFT
    assert not Notification.objects.filter(person=strict, key__startswith="drift-").exists()
    assert tell_of_drift() == 0


@pytest.mark.django_db
def test_a_lead_chooses_how_drift_reaches_the_mailbox_apart_from_what_waits(studio, strict):
    choose_delivery(
        person=studio.lead,
        choices={NotificationKind.TO_VERIFY: Delivery.OFF, NotificationKind.DRIFT: Delivery.DAILY},
    )
    tell_of_drift()
    told = Notification.objects.get(person=studio.lead, key__contains=f"-{strict.pk}-expert-")
    assert told.delivery == Delivery.DAILY


@pytest.mark.django_db
def test_each_week_of_the_chart_opens_its_rows(client, studio, strict):
    client.force_login(studio.lead)
    shown = client.get(f"/review/quality/{strict.pk}/expert/")
    assert shown.status_code == 200
    drift = shown.context["drift"]
    assert drift.course == Course.STRICTER
    point = drift.signals[0]
    rows = f"?stage=expert&reviewer={strict.pk}&week={point.week.isoformat()}"
    assert rows.replace("&", "&amp;") in shown.content.decode()
    page = client.get(f"/review/quality/rows/{rows}").context["page"]
    assert len(page.rows) == point.reviews == 40


@pytest.mark.django_db
def test_the_chart_opens_for_leads_of_the_project_alone(client, studio, strict):
    client.force_login(studio.expert)
    assert client.get(f"/review/quality/{strict.pk}/expert/").status_code == 403
    stranger = person_with(
        studio.project.__class__.objects.create(slug="other", name="Other"), Role.LEAD
    )
    client.force_login(stranger)
    assert client.get(f"/review/quality/{strict.pk}/expert/").status_code == 404
