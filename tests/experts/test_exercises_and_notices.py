"""Practice, qualification, the inbox and its mail, the ledger."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from experts.enums import AttemptState, NotificationKind, Role
from experts.errors import AlreadyDone, CredentialRefused, OwnCredential
from experts.ledger import Total, lines_of, totals_of
from experts.models import Invitation, Measure, Notification, Project
from experts.services import exercises
from experts.services import mail as mail_module
from experts.services.appeals import appeal, decide_appeal
from experts.services.invitations import invite
from experts.services.mail import mail_digests, mail_invitation, mail_notification, mail_unsent
from experts.services.notify import choose_delivery, notify
from experts.services.rates import set_rate
from experts.sources import Period
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted
from tests.factories.experts import person_with
from tests.factories.review import judged

RUBRIC = [{"id": "c1", "label": "Names the dose", "points": 3, "explanation": "It matters."}]


def told(person, key="k", **fields):
    values = {"kind": NotificationKind.LEASE, "title": "Something", **fields}
    return notify(person=person, key=key, **values)


@pytest.fixture
def exercise(studio):
    return exercises.set_exercise(
        actor=studio.lead, project=studio.project, kind="qualification", title="First", prompt="Explain.",
        domain=studio.domain, rubric=RUBRIC, pass_points=2, model_answer="Like **this**.",
    )  # fmt: skip


def attempted(person, exercise, text="An answer."):
    attempt = exercises.begin_attempt(person=person, exercise=exercise)
    return exercises.submit_attempt(person=person, attempt=attempt, text=text)


# --- exercises


def test_practice_answers_at_once_and_can_be_repeated(studio, client):
    practice = exercises.set_exercise(
        actor=studio.lead, project=studio.project, kind="practice", title="Warm-up", prompt="Explain.",
        rubric=RUBRIC, model_answer="Like **this**.",
    )  # fmt: skip
    client.force_login(studio.writer)
    client.post(reverse("people:attempt-begin", args=[practice.pk]))
    attempt = studio.writer.attempts.get()
    address = reverse("people:attempt", args=[attempt.pk])
    assert "Like <strong>this</strong>" not in client.get(address).content.decode()
    page = client.post(address, {"text": "My answer", "submit": "1"}, follow=True).content.decode()
    assert "Like <strong>this</strong>" in page
    assert "It matters." in page
    assert exercises.begin_attempt(person=studio.writer, exercise=practice).number == 2


def test_failed_qualification_shows_why_and_an_appeal_gives_a_second_try(studio, exercise, client):
    client.force_login(studio.writer)
    begin = f'action="{reverse("people:attempt-begin", args=[exercise.pk])}"'
    practice = reverse("people:practice")
    assert begin in client.get(practice).content.decode()
    attempt = attempted(studio.writer, exercise)
    exercises.grade_attempt(
        grader=studio.lead,
        attempt=attempt,
        marks={"c1": {"points": 1}},
        feedback="No dose is named.",
    )
    measure = Measure.objects.get(person=studio.writer)
    assert measure.reason == "No dose is named."
    with pytest.raises(AlreadyDone):
        exercises.begin_attempt(person=studio.writer, exercise=exercise)
    assert begin not in client.get(practice).content.decode()
    judge = person_with(studio.project, "lead")
    made = appeal(person=studio.writer, measure=measure, text="It is in the table.")
    decide_appeal(judge=judge, made=made, outcome="overturned", answer="Indeed.")
    assert begin in client.get(practice).content.decode()
    assert exercises.begin_attempt(person=studio.writer, exercise=exercise).number == 2


def test_grading_page(studio, exercise, client):
    attempt = attempted(studio.writer, exercise)
    client.force_login(studio.lead)
    address = reverse("people:attempt", args=[attempt.pk])
    assert "Like <strong>this</strong>" in client.get(address).content.decode()
    for points in ("9", "-1", "many"):
        typed = {"points-c1": points, "note-c1": "Well put.", "feedback": "Go on so."}
        page = client.post(address, typed).content.decode()
        assert "takes 0 to 3 points" in page
        assert f'value="{points}"' in page
        assert 'value="Well put."' in page
        assert ">Go on so.</textarea>" in page
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SUBMITTED
    client.post(address, {"points-c1": "3", "note-c1": "Well put."})
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.PASSED
    assert attempt.marks == {"c1": {"points": 3, "note": "Well put."}}


def test_nobody_grades_themselves(studio, exercise):
    studio.project.memberships.create(person=studio.lead, role="writer")
    attempt = attempted(studio.lead, exercise)
    with pytest.raises(OwnCredential):
        exercises.grade_attempt(grader=studio.lead, attempt=attempt, marks={}, feedback="Good")


def test_qualification_nobody_could_pass_is_refused(studio):
    with pytest.raises(CredentialRefused, match="can be reached"):
        exercises.set_exercise(
            actor=studio.lead, project=studio.project, kind="qualification", title="T", prompt="P",
            domain=studio.domain, rubric=RUBRIC, pass_points=4,
        )  # fmt: skip


# --- notifications


def test_same_occasion_is_told_once(studio):
    assert told(studio.writer)
    assert told(studio.writer) is None
    assert studio.writer.notifications.filter(key="k").count() == 1


def test_mail_goes_once_however_often_the_job_runs(studio):
    line = told(studio.writer, url="/write/")
    assert mail_notification(notification_id=line.pk)
    assert not mail_notification(notification_id=line.pk)
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == [studio.writer.email]


def test_mail_server_that_refuses_is_asked_again_later(studio, monkeypatch):
    line = told(studio.writer)

    def refuse(*args, **kwargs):
        raise OSError("no route")

    with monkeypatch.context() as broken:
        broken.setattr("experts.services.mail.send_mail", refuse)
        with pytest.raises(OSError, match="no route"):
            mail_notification(notification_id=line.pk)
    Notification.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert mail_unsent() >= 1
    assert any(one.subject == "Something" for one in mail.outbox)


@pytest.mark.parametrize("delivery", ["at_once", "daily"])
def test_address_that_is_refused_keeps_no_other_mail(studio, monkeypatch, delivery):
    for person in (studio.writer, studio.expert, studio.lead):
        choose_delivery(person=person, choices={"lease": delivery})
        told(person)
    Notification.objects.update(created_at=timezone.now() - timedelta(hours=1))
    send, sweep = mail_module.send_mail, mail_digests if delivery == "daily" else mail_unsent

    def refuse_one(subject, body, sender, recipients):
        if recipients == [studio.writer.email]:
            raise SMTPRecipientsRefused({recipients[0]: (550, b"no such box")})
        send(subject, body, sender, recipients)

    with monkeypatch.context() as broken:
        broken.setattr(mail_module, "send_mail", refuse_one)
        with pytest.raises(SMTPRecipientsRefused):
            sweep()
    mailed = Notification.objects.filter(key="k", mailed_at__isnull=False)
    assert {one.person for one in mailed} == {studio.expert, studio.lead}
    assert sweep() == 1


class Killed(BaseException):
    """What a worker's end looks like from inside: nothing that code may catch and mend."""


@pytest.mark.parametrize("handed_over", [True, False])
def test_worker_killed_in_mid_send_sends_nothing_twice(studio, monkeypatch, handed_over):
    """The broker gives the job to another worker; what may have left the house stays marked as sent."""
    line = told(studio.writer)
    send = mail_module.send_mail

    def die(*args, **kwargs):
        if handed_over:
            send(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(mail_module, "send_mail", die)
        with pytest.raises(Killed):
            mail_notification(notification_id=line.pk)
    Notification.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert not mail_notification(notification_id=line.pk)
    mail_unsent()
    mine = [one for one in mail.outbox if one.subject == "Something"]
    assert len(mine) == int(handed_over)
    # The line itself is on the page either way.
    assert studio.writer.notifications.filter(pk=line.pk).exists()


def test_worker_killed_between_two_digests_repeats_neither(studio, monkeypatch):
    for person in (studio.writer, studio.expert):
        choose_delivery(person=person, choices={"lease": "daily"})
        told(person, title=f"For {person.pk}")
    send, sent = mail_module.send_mail, []

    def die_at_the_second(*args, **kwargs):
        sent.append(args)
        send(*args, **kwargs)
        if len(sent) == 2:
            raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(mail_module, "send_mail", die_at_the_second)
        with pytest.raises(Killed):
            mail_digests()
    assert mail_digests() == 0
    assert len(mail.outbox) == 2


def test_invitation_is_mailed_once_however_often_the_job_runs(studio, monkeypatch):
    invitation, link = invite(
        actor=studio.lead, email="new@example.org", project=studio.project, role=Role.WRITER
    )
    mail.outbox.clear()
    Invitation.objects.update(mailed_at=None)

    def refuse(*args, **kwargs):
        raise OSError("no route")

    with monkeypatch.context() as broken:
        broken.setattr(mail_module, "send_mail", refuse)
        with pytest.raises(OSError, match="no route"):
            mail_invitation(invitation_id=invitation.pk, link=link)
    assert mail_invitation(invitation_id=invitation.pk, link=link)
    assert not mail_invitation(invitation_id=invitation.pk, link=link)
    assert len(mail.outbox) == 1


def test_digest_gathers_and_off_stays_on_the_page(studio):
    choose_delivery(person=studio.writer, choices={"lease": "daily", "decided": "off"})
    told(studio.writer, "a", title="First")
    told(studio.writer, "b", title="Second")
    told(studio.writer, "c", kind=NotificationKind.DECIDED, title="Quiet")
    assert mail_digests() == 1
    assert mail_digests() == 0
    assert "First" in mail.outbox[0].body
    assert "Second" in mail.outbox[0].body
    assert "Quiet" not in mail.outbox[0].body
    assert studio.writer.notifications.filter(title="Quiet").exists()


def test_author_is_told_of_every_verdict_once(studio):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    submitted(task, studio.writer)
    judged(studio.expert)
    judged(studio.format)
    kinds = list(studio.writer.notifications.values_list("kind", flat=True))
    assert kinds == [NotificationKind.DECIDED]


def test_inbox_marks_as_read_only_when_asked(studio, client):
    line = told(studio.writer, url="/people/me/")
    client.force_login(studio.writer)
    client.get(reverse("people:inbox"))
    line.refresh_from_db()
    assert line.read_at is None
    answer = client.post(reverse("people:inbox-read"), {"notification": line.pk})
    assert answer["Location"] == "/people/me/"
    line.refresh_from_db()
    assert line.read_at is not None


# --- ledger


def test_ledger_counts_accepted_work_at_the_rate_of_its_day(studio, client):
    today = timezone.now().date()
    for kind, amount, since in (
        ("record", "40", today - timedelta(days=30)),
        ("record", "99", today + timedelta(days=1)),
        ("review", "12.50", today),
    ):
        set_rate(
            actor=studio.lead, project=studio.project, kind=kind, amount=Decimal(amount), currency="eur",
            valid_from=since,
        )  # fmt: skip
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    submitted(task, studio.writer)
    assert not list(
        lines_of(Period(studio.writer, None, date(2000, 1, 1), today + timedelta(days=1)))
    )
    judged(studio.expert)
    judged(studio.format)
    everything = Period(None, None, today, today + timedelta(days=1))
    totals = {one.kind: one.amount for one in totals_of(lines_of(everything))}
    assert totals == {"record": Decimal("40.00"), "review": Decimal("25.00")}
    client.force_login(studio.writer)
    address = reverse("people:ledger", args=[studio.writer.pseudonym])
    answer = client.get(address, {"csv": "1"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["work"], row["amount"], row["pseudonym"]) for row in rows] == [
        ("record", "40.00", studio.writer.pseudonym)
    ]


@pytest.mark.parametrize(
    "query", [{"since": "2026-02-31"}, {"since": "2026-02-02", "until": "2026-02-01"}]
)
def test_period_that_makes_no_sense(studio, client, query):
    client.force_login(studio.writer)
    assert (
        client.get(reverse("people:ledger", args=[studio.writer.pseudonym]), query).status_code
        == 422
    )


def test_title_that_looks_like_a_formula_is_defused(studio, client):
    from experts.views.ledger import _inert

    assert _inert("=1+1") == "'=1+1"
    assert _inert("plain") == "plain"


def test_active_hours_are_paid_where_a_rate_for_them_is_agreed(studio, monkeypatch):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    revision = submitted(task, studio.writer)
    judged(studio.expert)
    judged(studio.format)
    # A revision refuses changes; only an erasure may touch it.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL firsthand.erasing = 'on'")
        type(revision).objects.filter(pk=revision.pk).update(log_summary={"active_minutes": 90.0})
    today = timezone.now().date()
    set_rate(
        actor=studio.lead, project=studio.project, kind="hour", amount=Decimal(60), currency="eur",
        valid_from=today,
    )  # fmt: skip
    period = Period(studio.writer, None, today, today + timedelta(days=1))
    hours = [line for line in lines_of(period) if line.kind == "hour"]
    assert [(line.quantity, line.amount) for line in hours] == [(Decimal("1.50"), Decimal("90.00"))]


@pytest.mark.parametrize(
    ("quantity", "words"), [("10", "10"), ("1200", "1200"), ("0.50", "0.5"), ("3.25", "3.25")]
)
def test_quantities_are_written_as_people_write_them(quantity, words):
    total = Total(Project(name="One"), "review", Decimal(quantity), Decimal(0), "")
    assert total.quantity_shown == words
