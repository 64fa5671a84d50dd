"""What goes wrong around people: roles that change, clocks that jump, fields that disappear. Each is answered in
clear words, loses nothing, and leaves an event for every decision."""

from datetime import timedelta

import pytest
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from annotation.errors import CredentialNeeded
from annotation.models import Assignment
from annotation.services.claim import take_next
from annotation.services.release import lapse_leases
from annotation.services.submit import submit_revision
from audit.models import Event
from experts.enums import Role
from experts.errors import InvitationOver
from experts.models import Invitation, Membership
from experts.services.credentials import revoke_credential
from experts.services.domains import add_domain, merge_domain, rename_domain
from experts.services.invitations import accept_invitation, invite
from experts.services.members import pause_person, take_role
from review.services.claim_seat import take_next_review
from review.services.submit_review import submit_review
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.experts import CredentialFactory, person_with

NOW = timezone.now


@pytest.fixture
def clock(monkeypatch):
    """Set the server's clock off by so much."""

    def jump(by):
        monkeypatch.setattr(timezone, "now", lambda: NOW() + by)

    return jump


@pytest.fixture
def task(studio):
    return TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))


def verdict_on(client, seat):
    values = {"revision": seat.revision_id, "verdict": "approve"}
    return client.post(reverse("review:verdict", args=[seat.pk]), values)


def told(verb):
    return Event.objects.filter(verb=verb)


# --- a role changes in mid-review


def test_reviewer_who_loses_the_role_is_told_and_keeps_their_words(studio, task, client):
    submitted(task, studio.writer)
    seat = take_next_review(person=studio.expert)
    seat.draft = {"note": "Half a note."}
    seat.save(update_fields=["draft"])
    take_role(actor=studio.lead, membership=studio.expert.memberships.get())
    client.force_login(studio.expert)
    answer = verdict_on(client, seat)
    assert answer.status_code in {403, 404, 409}
    assert "role" in answer.content.decode()
    task.refresh_from_db()
    seat.refresh_from_db()
    assert task.state == "expert_review"
    assert seat.draft == {"note": "Half a note."}
    assert told("experts.role_taken").filter(actor=studio.lead).count() == 1


def test_reviewer_whose_credential_ends_in_mid_review_decides_nothing(studio, task):
    submitted(task, studio.writer)
    seat = take_next_review(person=studio.expert)
    revoke_credential(
        credential=studio.expert.credentials.get(), verifier=studio.lead, reason="Struck off."
    )
    with pytest.raises(Exception, match="credential") as refusal:
        submit_review(
            person=studio.expert, seat_id=seat.pk, revision_id=seat.revision_id, verdict="approve"
        )
    assert refusal.value.http_status in {403, 409}
    task.refresh_from_db()
    assert task.state == "expert_review"
    assert told("experts.credential_revoked").exists()


def test_writer_paused_in_mid_task_hands_in_what_they_have(studio, task):
    assignment = write(take_next(person=studio.writer), "Nearly done.")
    pause_person(
        actor=studio.lead, person=studio.writer, project=studio.project, reason="A reason."
    )
    assert submit_revision(person=studio.writer, task_id=assignment.task_id)
    assert told("experts.person_paused").exists()


def test_paused_writer_finds_their_work_and_reads_why_nothing_new_comes(studio, task, client):
    TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    write(take_next(person=studio.writer), "Nearly done.")
    pause_person(
        actor=studio.lead, person=studio.writer, project=studio.project, reason="A reason."
    )
    client.force_login(studio.writer)
    page = client.get(reverse("write:home"))
    assert page.status_code == 200
    assert reverse("write:task", args=[task.pk]) in page.content.decode()
    submit_revision(person=studio.writer, task_id=task.pk)
    answer = client.post(reverse("write:next"))
    assert answer.status_code in {404, 409}
    assert "You are paused" in answer.content.decode()
    assert "You are paused" in client.get(reverse("write:home")).content.decode()


# --- the clock jumps


def test_clock_that_jumps_ahead_takes_the_time_and_keeps_the_draft(studio, task, clock):
    write(take_next(person=studio.writer), "Half an answer.")
    clock(timedelta(days=1))
    lapse_leases()
    task.refresh_from_db()
    assert task.state == "open"
    assert told("annotation.task_lapse").exists()
    again = take_next(person=studio.writer)
    assert again.task == task
    assert again.fields == {"response": "Half an answer."}
    assert again.leased_until > NOW() + timedelta(days=1)


def test_clock_that_jumps_back_ends_nothing_and_opens_nothing(studio, task, clock):
    """Until it has caught up, a credential verified "later" opens no field: the answer says so, the draft stays."""
    assignment = write(take_next(person=studio.writer), "Half an answer.")
    clock(timedelta(days=-400))
    lapse_leases()
    with pytest.raises(CredentialNeeded):
        submit_revision(person=studio.writer, task_id=task.pk)
    assignment.refresh_from_db()
    assert assignment.state == "live"
    assert assignment.fields == {"response": "Half an answer."}
    clock(timedelta(0))
    assert submit_revision(person=studio.writer, task_id=task.pk)


def test_clock_that_jumps_back_an_hour_disturbs_no_work(studio, task, clock):
    write(take_next(person=studio.writer), "An answer.")
    clock(timedelta(hours=-1))
    submit_revision(person=studio.writer, task_id=task.pk)
    seat = take_next_review(person=studio.expert)
    clock(timedelta(hours=1))
    submit_review(
        person=studio.expert, seat_id=seat.pk, revision_id=seat.revision_id, verdict="approve"
    )
    moves = told("annotation.task_submit")
    assert moves.count() == 1


# --- a field disappears


def test_field_merged_away_while_somebody_writes_and_somebody_reviews(studio):
    heart, cardiology = (
        add_domain(name=name, parent=studio.domain) for name in ("Heart", "Cardiology")
    )
    author = person_with(studio.project, Role.WRITER)
    CredentialFactory(person=author, domains=[heart])
    reviewer = person_with(studio.project, Role.EXPERT)
    CredentialFactory(person=reviewer, domains=[heart])
    first, second = (
        TaskFactory(instruction=InstructionFactory(project=studio.project, domain=heart))
        for _ in range(2)
    )
    submitted(first, author)
    seat = take_next_review(person=reviewer)
    write(take_next(person=author), "An answer.")
    merge_domain(domain=heart, into=cardiology, actor=studio.lead)
    submit_revision(person=author, task_id=second.pk)
    submit_review(person=reviewer, seat_id=seat.pk, revision_id=seat.revision_id, verdict="approve")
    assert told("experts.domain_merged").get().data["into"] == "medicine.cardiology"


def test_field_renamed_while_somebody_writes(studio, task):
    write(take_next(person=studio.writer), "An answer.")
    rename_domain(domain=studio.domain, name="Healing", slug="healing", actor=studio.lead)
    assert submit_revision(person=studio.writer, task_id=task.pk)
    assert told("experts.domain_renamed").exists()


def test_field_that_is_in_use_cannot_be_deleted(studio, task):
    with pytest.raises(ProtectedError):
        studio.domain.delete()


# --- invitations


def test_expired_invitation_says_so_makes_nobody_and_tells_how_to_get_another(studio, client):
    invitation, link = invite(
        actor=studio.lead, email="late@example.org", project=studio.project, role=Role.WRITER
    )
    Invitation.objects.update(expires_at=NOW() - timedelta(minutes=1))
    page = client.get(link)
    assert page.status_code == 410
    words = page.content.decode()
    assert "This invitation is no longer open." in words
    assert "Ask the person who invited you for a new one." in words
    refused = told("experts.invitation_refused").get()
    assert (refused.object_id, refused.data) == (str(invitation.pk), {"reason": "invitation_over"})
    secret = link.rstrip("/").rsplit("/", 1)[1]
    with pytest.raises(InvitationOver):
        accept_invitation(secret=secret, person=None, name="Late", password="a-long-enough-secret")
    assert not Membership.objects.filter(person__email="late@example.org").exists()
    assert not Assignment.objects.exists()
    assert told("experts.invitation_sent").filter(object_id=str(invitation.pk)).exists()
    assert not told("experts.invitation_accepted").exists()
