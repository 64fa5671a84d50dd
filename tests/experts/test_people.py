"""People join by invitation, hold roles, are paused with evidence, appeal; and may leave."""

import json
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from annotation.errors import NothingToTake
from annotation.models import LogBatch
from annotation.services.claim import take, take_next
from annotation.services.save_draft import save_draft
from annotation.services.submit import submit_revision
from annotation.writing_log import Edit
from audit.models import Event
from experts.enums import AppealOutcome, Role
from experts.errors import (
    AgreementsOpen,
    AlreadyDone,
    InvitationForAnother,
    InvitationOver,
    LastLead,
    OwnCredential,
    PasswordRefused,
)
from experts.models import Agreement, Appeal, Invitation, Measure, Membership, User
from experts.queries import agreements_of, valid_credential
from experts.services.agreements import accept_agreements, publish_agreement
from experts.services.appeals import appeal, decide_appeal
from experts.services.invitations import accept_invitation, invite, withdraw_invitation
from experts.services.members import lift_pause, pause_person, take_role
from experts.services.people import create_person
from experts.services.rights import ask_for_erasure, data_of, erase_person
from lib.errors import NotAllowed
from review.errors import NothingToReview
from review.services.claim_seat import take_next_review
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.experts import UserFactory, person_with
from tests.factories.review import judged

PASSWORD = "a-long-enough-secret"


def secret_of(link):
    return link.rstrip("/").rpartition("/")[2]


def asked(studio, **fields):
    values = {"email": "new@example.org", "project": studio.project, "role": Role.WRITER, **fields}
    invitation, link = invite(actor=studio.lead, **values)
    return invitation, secret_of(link)


# --- the command


def command(*arguments, password=None, monkeypatch=None):
    out = StringIO()
    if password is not None:
        monkeypatch.setattr("sys.stdin", StringIO(password + "\n"))
        arguments = (*arguments, "--password-stdin")
    call_command("create_person", *arguments, stdout=out)
    return out.getvalue()


def test_command_makes_a_person_who_can_sign_in(studio, monkeypatch, client):
    said = command(
        "new@example.org",
        "--role",
        "writer",
        "--project",
        studio.project.slug,
        "--verified-in",
        "medicine",
        password=PASSWORD,
        monkeypatch=monkeypatch,
    )
    assert "Made new@example.org" in said
    assert "Gave them the role of writer" in said
    person = User.objects.get(email="new@example.org")
    assert valid_credential(person, studio.domain)
    answer = client.post(
        reverse("account_login"), {"login": "New@Example.org", "password": PASSWORD}
    )
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


def test_command_can_be_repeated(studio):
    arguments = (
        "new@example.org",
        "--role",
        "lead",
        "--project",
        studio.project.slug,
        "--verified-in",
        "medicine",
    )
    command(*arguments)
    said = command(*arguments)
    assert "Found" in said
    assert "already" in said
    assert Membership.objects.filter(person__email="new@example.org").count() == 1


def test_command_makes_an_administrator(db):
    command("root@example.org", "--role", "admin")
    assert User.objects.get(email="root@example.org").is_superuser


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("not an address", "--role", "admin"), "not an e-mail address"),
        (("a@example.org", "--role", "writer"), "add --project"),
        (("a@example.org", "--role", "writer", "--project", "none"), "no project “none”"),
        (("a@example.org", "--role", "admin", "--verified-in", "nowhere"), "no domain “nowhere”"),
    ],
)
def test_command_says_what_is_wrong_and_makes_nobody(db, arguments, words):
    with pytest.raises(CommandError, match=words):
        command(*arguments)
    assert not User.objects.exists()


def test_command_refuses_an_easy_password(db, monkeypatch):
    with pytest.raises(CommandError, match="Choose a longer one"):
        command("a@example.org", "--role", "admin", password="12345", monkeypatch=monkeypatch)


# --- signing in


def test_nobody_signs_up_alone(client, db):
    client.post(
        reverse("account_signup"),
        {"email": "me@example.org", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not User.objects.filter(email="me@example.org").exists()


def test_sign_in_form_has_the_names_that_others_rely_on(client, db):
    page = client.get(reverse("account_login")).content.decode()
    assert ">E-mail" in page
    assert ">Password" in page


def test_login_attempts_are_limited(client, db):
    create_person(email="slow@example.org", password=PASSWORD)
    for _ in range(5):
        client.post(reverse("account_login"), {"login": "slow@example.org", "password": "wrong"})
    answer = client.post(
        reverse("account_login"), {"login": "slow@example.org", "password": PASSWORD}
    )
    assert "_auth_user_id" not in client.session
    assert "Too many tries went wrong." in answer.content.decode()


@pytest.mark.parametrize(
    ("role", "held"), [("expert", True), ("format", True), ("lead", True), ("writer", False)]
)
def test_second_factor_is_asked_of_those_trusted_with_others(studio, client, settings, role, held):
    settings.MFA_REQUIRED = True
    client.force_login(person_with(studio.project, role))
    answer = client.get(reverse("people:inbox"))
    assert (answer.status_code == 302 and answer["Location"] == reverse("mfa_index")) is held


# --- invitations


def test_invitation_is_mailed_and_makes_a_verified_account(
    studio, client, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        invitation, secret = asked(studio)
    assert mail.outbox[0].to == ["new@example.org"]
    assert secret in mail.outbox[0].body
    address = reverse("people:invitation", args=[secret])
    assert client.get(address).status_code == 200
    invitation.refresh_from_db()
    assert invitation.accepted_at is None
    assert client.post(address, {"name": "New", "password": PASSWORD}).status_code == 302
    person = User.objects.get(email="new@example.org")
    assert person.emailaddress_set.get().verified
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.get(address).status_code == 410


def test_invitation_of_a_known_address_needs_that_account(studio):
    known = UserFactory(email="new@example.org")
    _, secret = asked(studio)
    with pytest.raises(InvitationForAnother):
        accept_invitation(secret=secret, person=None, password=PASSWORD)
    with pytest.raises(InvitationForAnother):
        accept_invitation(secret=secret, person=studio.writer)
    refused = Event.objects.filter(verb="experts.invitation_refused").order_by("id")
    assert [(one.actor, one.data["reason"]) for one in refused] == [
        (None, "invitation_for_another"),
        (studio.writer, "invitation_for_another"),
    ]
    assert accept_invitation(secret=secret, person=known) == known


def test_invitation_shows_nothing_to_another_account(studio, client):
    _, secret = asked(studio)
    client.force_login(studio.writer)
    page = client.get(reverse("people:invitation", args=[secret]))
    assert page.status_code == 403
    assert "Sign out, then open the link again." in page.content.decode()
    assert "new@example.org" not in page.content.decode()
    assert Event.objects.get(verb="experts.invitation_refused").actor == studio.writer


@pytest.mark.parametrize("ending", ["expired", "withdrawn", "replaced", "used", "unknown"])
def test_invitation_that_is_over(studio, ending):
    invitation, secret = asked(studio)
    if ending == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif ending == "withdrawn":
        withdraw_invitation(actor=studio.lead, invitation=invitation)
    elif ending == "replaced":
        asked(studio)
    elif ending == "used":
        accept_invitation(secret=secret, person=None, password=PASSWORD)
    else:
        secret = "unknown"
    with pytest.raises(InvitationOver):
        accept_invitation(secret=secret, person=None, password=PASSWORD)
    refused = Event.objects.filter(verb="experts.invitation_refused")
    known = ending != "unknown"
    assert list(refused.values_list("object_id", flat=True)) == [str(invitation.pk)] * known


def test_invitation_with_an_easy_password_stays_open(studio):
    _, secret = asked(studio)
    with pytest.raises(PasswordRefused):
        accept_invitation(secret=secret, person=None, password="12345")
    assert not User.objects.filter(email="new@example.org").exists()


def test_only_leads_invite(studio):
    with pytest.raises(NotAllowed):
        invite(actor=studio.writer, email="x@example.org", project=studio.project, role=Role.WRITER)


# --- agreements


def test_no_work_before_agreements(studio, client):
    TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    newcomer = person_with(studio.project, "writer", "expert", domain=studio.domain, accepted=False)
    with pytest.raises(AgreementsOpen):
        take_next(person=newcomer)
    with pytest.raises(AgreementsOpen):
        take_next_review(person=newcomer)
    client.force_login(newcomer)
    answer = client.post(reverse("write:next"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("people:agreements"))
    ticked = [str(pk) for pk in Agreement.objects.values_list("pk", flat=True)]
    client.post(reverse("people:agreements"), {"agreement": ticked[:1]})
    with pytest.raises(AgreementsOpen):
        take_next(person=newcomer)
    client.post(reverse("people:agreements"), {"agreement": ticked[1:]})
    assert take_next(person=newcomer)


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://testserver/write/browse/?field=3", "/write/browse/"),
        ("https://elsewhere.example/write/browse/", "/"),
        ("", "/"),
    ],
)
def test_whoever_was_stopped_by_an_agreement_comes_back_to_where_they_were(
    studio, client, came_from, back
):
    publish_agreement(kind="contributor", title="Contributor agreement", text="Second words.")
    client.force_login(studio.writer)
    stopped = client.post(reverse("write:next"), headers={"referer": came_from})
    page = client.get(stopped["Location"])
    assert "There is a new version." in page.content.decode()
    ticked = [str(pk) for pk in Agreement.objects.values_list("pk", flat=True)]
    answer = client.post(
        reverse("people:agreements"), {"agreement": ticked, "next": page.context["next"]}
    )
    assert answer["Location"] == back


def test_reviewer_who_asks_for_work_is_led_to_the_new_agreement_and_back(studio, client):
    publish_agreement(kind="contributor", title="Contributor agreement", text="Second words.")
    client.force_login(studio.expert)
    page = client.post(reverse("review:take-next"), follow=True)
    assert "There is a new version." in page.content.decode()
    assert page.context["next"] == reverse("review:home")


def test_a_new_version_is_asked_again_and_records_keep_theirs(studio):
    moment = timezone.now()
    publish_agreement(kind="contributor", title="Contributor agreement", text="Second words.")
    with pytest.raises(AgreementsOpen):
        take_next(person=studio.writer)
    accept_agreements(person=studio.writer)
    assert {one["kind"]: one["version"] for one in agreements_of(studio.writer, at=moment)} == {
        "contributor": 1,
        "writing_log": 1,
    }
    assert {one["kind"]: one["version"] for one in agreements_of(studio.writer)} == {
        "contributor": 2,
        "writing_log": 1,
    }


def test_published_agreement_never_changes(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.update(text="Other words")


# --- roles, pauses, appeals


def test_last_lead_stays(studio):
    with pytest.raises(LastLead):
        take_role(actor=studio.lead, membership=studio.lead.memberships.get())


def test_role_change_in_mid_review_is_refused_in_words_and_keeps_the_task(studio):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    submitted(task, studio.writer)
    seat = take_next_review(person=studio.expert)
    take_role(actor=studio.lead, membership=studio.expert.memberships.get())
    with pytest.raises((NotAllowed, NothingToReview)):
        judged(studio.expert)
    seat.refresh_from_db()
    task.refresh_from_db()
    assert task.state == "expert_review"


def test_pause_stops_work_shows_evidence_and_can_be_lifted(studio, client):
    TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    evidence = [{"text": "Two responses share a paragraph."}]
    measure = pause_person(
        actor=studio.lead,
        person=studio.writer,
        project=studio.project,
        reason="Copied text.",
        evidence=evidence,
    )
    with pytest.raises(NothingToTake):
        take_next(person=studio.writer)
    client.force_login(studio.writer)
    page = client.get(reverse("people:measure", args=[measure.pk])).content.decode()
    assert "Two responses share a paragraph." in page
    assert "Copied text." in page
    lift_pause(actor=studio.lead, measure=measure)
    assert take_next(person=studio.writer)


def test_appeal_is_decided_by_somebody_else_and_undoes_the_pause(studio):
    measure = pause_person(
        actor=studio.lead, person=studio.writer, project=studio.project, reason="Copied text."
    )
    made = appeal(person=studio.writer, measure=measure, text="It is a quotation, with its source.")
    for involved in (studio.lead, studio.writer):
        with pytest.raises(OwnCredential):
            decide_appeal(judge=involved, made=made, outcome=AppealOutcome.OVERTURNED, answer="Yes")
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.update(
            decided_by=studio.lead, outcome="upheld", answer="No", decided_at=timezone.now()
        )
    judge = person_with(studio.project, "lead")
    decide_appeal(
        judge=judge,
        made=made,
        outcome=AppealOutcome.OVERTURNED,
        answer="It is marked as a quotation.",
    )
    assert Membership.objects.get(person=studio.writer).paused_at is None
    assert Measure.objects.get().lifted_by == judge
    with pytest.raises(AlreadyDone):
        decide_appeal(judge=judge, made=made, outcome=AppealOutcome.UPHELD, answer="No")


# --- rights


def test_copy_holds_everything_and_nothing_of_others(studio, client):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    submitted(task, studio.writer, "My very own words.")
    client.force_login(studio.writer)
    answer = client.get(reverse("people:my-data-download"))
    data = json.loads(b"".join(answer.streaming_content))
    assert data["person"][0]["email"] == studio.writer.email
    assert "My very own words." in json.dumps(data["submitted"])
    assert {"credentials", "roles", "agreements", "events", "assignments", "reviews"} <= data.keys()
    assert studio.expert.email not in json.dumps(data)


def test_erasure_removes_the_person_and_keeps_the_record(studio, client):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    revision = submitted(task, studio.writer, "Words that stay.")
    TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    draft = write(take_next(person=studio.writer), "Words that go.")
    person, address = studio.writer, studio.writer.email
    request = ask_for_erasure(person=person)
    with pytest.raises(OwnCredential):
        erase_person(request=request, actor=studio.lead)
    admin = UserFactory(is_superuser=True)
    erase_person(request=request, actor=admin)
    person.refresh_from_db()
    draft.refresh_from_db()
    revision.refresh_from_db()
    assert not person.is_active
    assert person.email.endswith("@erased.invalid")
    assert person.pseudonym in person.email
    assert draft.fields == {}
    assert (draft.state, draft.task.state) == ("lapsed", "open")
    assert not person.notifications.exists()
    assert str(person) == person.pseudonym
    client.force_login(admin)
    page = client.get(reverse("people:person", args=[person.pseudonym]))
    assert (page.status_code, "was erased" in page.content.decode()) == (403, True)
    assert revision.text == "Words that stay."
    held = revision.credential
    assert (held.kind, held.jurisdiction, held.state) == ("licence", "EX", "verified")
    assert held.verified_at is not None
    assert held.issuer == "Erased"
    assert address not in json.dumps([list(rows) for _, rows in data_of(person)], default=str)
    assert Event.objects.filter(verb="experts.person_erased", actor=admin).exists()
    with pytest.raises(AlreadyDone):
        erase_person(request=request, actor=admin)


def test_erasure_takes_the_log_of_what_was_never_handed_in_and_leaves_the_rest(studio):
    """A log restores its draft letter by letter, so it goes with the draft; the log behind a revision is its proof."""
    tasks = [
        TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
        for _ in range(2)
    ]
    for task in tasks:
        take(person=studio.writer, task_id=task.pk)
        save_draft(
            person=studio.writer,
            task_id=task.pk,
            sequence=1,
            session=uuid4(),
            edits=[Edit("response", 3, 2, "typed", [[0, "My words."]])],
        )
    handed_in, begun = tasks
    submit_revision(person=studio.writer, task_id=handed_in.pk)
    request = ask_for_erasure(person=studio.writer)
    erase_person(request=request, actor=UserFactory(is_superuser=True))
    kept, emptied = (LogBatch.objects.get(assignment__task=task) for task in tasks)
    assert bytes(kept.payload)
    assert bytes(emptied.payload) == b""
    begun.refresh_from_db()
    assert begun.state == "open"
    assert request.person.notifications.count() == 0


def test_append_only_is_on_again_after_an_erasure(studio):
    erase_person(
        request=ask_for_erasure(person=studio.writer), actor=UserFactory(is_superuser=True)
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.update(verb="changed")


def test_submission_needs_current_role_only_at_claim(studio):
    """Who was paused while writing keeps their draft and may hand it in: a pause takes nothing away."""
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    write(take_next(person=studio.writer))
    pause_person(
        actor=studio.lead, person=studio.writer, project=studio.project, reason="A reason."
    )
    assert submit_revision(person=studio.writer, task_id=task.pk)


def test_record_names_the_versions_its_author_had_accepted(studio):
    from experts.queries import consent_reference

    moment = timezone.now()
    accepted = studio.writer.acceptances.select_related("agreement")
    publish_agreement(kind="contributor", title="Contributor agreement", text="Second words.")
    accept_agreements(person=studio.writer)
    day = timezone.now().date().isoformat()
    assert consent_reference(accepted.all(), moment) == (
        f"contributor version 1 accepted {day}; writing_log version 1 accepted {day}"
    )
    assert "contributor version 2" in consent_reference(accepted.all(), timezone.now())
    assert consent_reference([], moment) == ""
