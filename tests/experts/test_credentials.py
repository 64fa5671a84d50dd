"""Credentials as records: added, verified by others, revoked, expired; and what reaches whom meanwhile."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from annotation.errors import CredentialNeeded, NothingToTake
from annotation.models import Revision
from annotation.services.claim import take, take_next
from annotation.services.submit import submit_revision
from audit.models import Event
from experts import sealing
from experts.checksums import npi_holds, orcid_holds
from experts.enums import CredentialState
from experts.errors import (
    CredentialRefused,
    EvidenceRefused,
    NumberOfAnother,
    OwnCredential,
    SecondPersonNeeded,
)
from experts.models import Credential, Notification
from experts.queries import open_fields, qualification_of, valid_credential
from experts.services import credentials, reminders
from lib.errors import IllegalMove
from tests.factories.annotation import InstructionFactory, TaskFactory, write
from tests.factories.experts import CredentialFactory, DomainFactory, UserFactory, person_with

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000a49444154789c6360000002000154a24f5f0000000049454e44ae426082"
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def sent(name="licence.png", content=PNG):
    return SimpleUploadedFile(name, content)


def added(person, domain, **fields):
    values = {
        "kind": "licence",
        "title": "Licence to practise",
        "issuer": "Board of Examples",
        **fields,
    }
    return credentials.add_credential(person=person, domains=[domain], **values)


@pytest.fixture
def newcomer(studio):
    return person_with(studio.project, "writer")


@pytest.mark.parametrize(
    ("number", "holds"),
    [
        ("0000-0002-1825-0097", True),
        ("https://orcid.org/0000-0002-1694-233X", True),
        ("0000-0002-1825-0098", False),
        ("0000-0002-1825", False),
        ("", False),
    ],
)
def test_orcid_check_digit(number, holds):
    assert orcid_holds(number) is holds


@pytest.mark.parametrize(
    ("number", "holds"),
    [("1234567893", True), ("1234567890", False), ("3234567893", False), ("12345", False)],
)
def test_npi_check_digit(number, holds):
    assert npi_holds(number) is holds


def test_number_is_kept_encrypted_and_comparable(newcomer, studio):
    made = added(newcomer, studio.domain, number="GMC 12-34")
    made.refresh_from_db()
    assert b"1234" not in bytes(made.number_encrypted)
    assert sealing.unseal(made.number_encrypted) == "GMC 12-34"
    assert made.number_digest == sealing.digest("gmc1234", "licence", "board of examples")


def test_a_new_key_in_front_still_opens_what_the_old_one_sealed(settings):
    sealed, digest = sealing.seal("4711"), sealing.digest("4711", "licence")
    settings.FIELD_ENCRYPTION_KEY = f"a-newer-key,{settings.FIELD_ENCRYPTION_KEY}"
    assert sealing.unseal(sealed) == "4711"
    assert sealing.digest("4711", "licence") == digest
    settings.FIELD_ENCRYPTION_KEY = "a-lost-key"
    assert sealing.unseal(sealed) == ""


def test_tasks_reach_a_person_once_a_credential_is_verified(newcomer, studio):
    TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    made = added(newcomer, studio.domain)
    with pytest.raises(NothingToTake):
        take_next(person=newcomer)
    credentials.verify_credential(credential=made, verifier=studio.lead, method="register")
    assert take_next(person=newcomer)


def test_verified_ancestor_opens_what_lies_below(newcomer, studio):
    below = DomainFactory(slug="cardiology", parent=studio.domain)
    made = added(newcomer, studio.domain)
    credentials.verify_credential(credential=made, verifier=studio.lead, method="register")
    assert valid_credential(newcomer, below) == made


TODAY = date(2026, 5, 4)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("facts", "opens"),
    [
        ({}, True),
        ({"state": "pending", "verified_by": None}, False),
        ({"state": "revoked"}, False),
        ({"expires_on": TODAY}, True),
        ({"expires_on": TODAY - DAY}, False),
        ({"expires_on": None, "issued_on": TODAY}, True),
        ({"issued_on": TODAY + DAY}, False),
        ({"verified_at": NOON + timedelta(seconds=1)}, False),
    ],
)
def test_one_rule_says_which_credential_holds(db, facts, opens):
    """The claim asks in SQL of its own, pages and verdicts by the queryset: both must agree."""
    below = DomainFactory(slug="cardiology", parent=DomainFactory())
    values = {"verified_at": NOON - DAY, "expires_on": TODAY + DAY, **facts}
    credential = CredentialFactory(domains=[below.parent], **values)
    found = {one.path: one.credential for one in open_fields(credential.person, NOON)}
    assert found == ({below.parent.path: credential.pk, below.path: credential.pk} if opens else {})
    asked = valid_credential(credential.person, below, NOON)
    assert (asked == credential) is opens


def test_field_whose_name_begins_alike_is_not_below(db):
    """`medicine` is no ancestor of `medicine-law`, and `_` in a slug is no wildcard."""
    person = CredentialFactory(domains=[DomainFactory(slug="law_eu")]).person
    DomainFactory(slug="lawxeu", parent=None)
    DomainFactory(slug="law_eu-old")
    DomainFactory(slug="tax", parent=DomainFactory(slug="lawyeu"))
    assert [one.path for one in open_fields(person)] == ["law_eu"]


@pytest.mark.parametrize("ending", ["revoked", "expired"])
def test_routing_and_handing_in_stop_at_that_moment_and_the_draft_is_kept(studio, ending):
    for _ in range(2):
        TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    assignment = write(take_next(person=studio.writer), "Half an answer.")
    held = studio.writer.credentials.get()
    if ending == "revoked":
        credentials.revoke_credential(
            credential=held, verifier=studio.lead, reason="The register says lapsed."
        )
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL firsthand.erasing = 'on'")
        Credential.objects.filter(pk=held.pk).update(expires_on=date.today() - timedelta(days=1))
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL firsthand.erasing = 'off'")
    with pytest.raises(CredentialNeeded):
        submit_revision(person=studio.writer, task_id=assignment.task_id)
    other = studio.project.tasks.exclude(pk=assignment.task_id).get()
    with pytest.raises(CredentialNeeded):
        take(person=studio.writer, task_id=other.pk)
    assignment.refresh_from_db()
    assert assignment.fields == {"response": "Half an answer."}


def test_revocation_leaves_finished_work_as_it_was(studio):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    write(take_next(person=studio.writer))
    submit_revision(person=studio.writer, task_id=task.pk)
    held = studio.writer.credentials.get()
    before = qualification_of(held)
    credentials.revoke_credential(credential=held, verifier=studio.lead, reason="Retired.")
    assert qualification_of(Revision.objects.get().credential) == before


def test_nobody_verifies_themselves(studio):
    made = added(studio.lead, studio.domain)
    with pytest.raises(OwnCredential):
        credentials.verify_credential(credential=made, verifier=studio.lead, method="I know")


def test_two_person_rule(newcomer, studio, settings):
    settings.CREDENTIAL_TWO_PERSON_RULE = True
    made = added(newcomer, studio.domain)
    first = credentials.verify_credential(credential=made, verifier=studio.lead, method="register")
    assert first.state == CredentialState.CHECKED
    assert valid_credential(newcomer, studio.domain) is None
    with pytest.raises(SecondPersonNeeded):
        credentials.verify_credential(credential=made, verifier=studio.lead, method="again")
    second = person_with(studio.project, "lead")
    done = credentials.verify_credential(credential=made, verifier=second, method="register")
    assert (done.state, done.checked_by, done.verified_by) == (
        CredentialState.VERIFIED,
        studio.lead,
        second,
    )


def test_number_of_another_person_is_refused_and_recorded(newcomer, studio):
    held = added(studio.writer, studio.domain, number="A-1")
    credentials.verify_credential(credential=held, verifier=studio.lead, method="register")
    with pytest.raises(NumberOfAnother):
        added(newcomer, studio.domain, number="a 1")
    assert Event.objects.filter(verb="experts.credential_number_refused", actor=newcomer).exists()


def test_number_that_two_people_claim_is_verified_for_one_only(newcomer, studio):
    first, second = (
        added(studio.writer, studio.domain, number="A-1"),
        added(newcomer, studio.domain, number="A1"),
    )
    credentials.verify_credential(credential=second, verifier=studio.lead, method="register")
    with pytest.raises(NumberOfAnother):
        credentials.verify_credential(credential=first, verifier=studio.lead, method="register")
    refused = Event.objects.get(verb="experts.credential_number_refused")
    assert (refused.actor, refused.object_id) == (studio.lead, str(first.pk))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"issued_on": date(2999, 1, 1)}, "future"),
        ({"expires_on": date(2001, 1, 1)}, "expired"),
        ({"kind": "orcid", "number": "0000-0000-0000-0000"}, "ORCID"),
    ],
)
def test_implausible_credential_is_refused_with_words(newcomer, studio, fields, words):
    with pytest.raises(CredentialRefused, match=words):
        added(newcomer, studio.domain, **fields)
    assert not newcomer.credentials.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("licence.pdf", PNG, "not what its name says"),
        ("licence.png", b"<script>alert(1)</script>", "cannot be taken"),
        ("licence.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot be taken"),
        ("licence.exe", b"MZ\x90\x00" + b"\0" * 60, "cannot be taken"),
        ("licence.pdf", b"%PDF-1.4 cut off here", "cut off"),
        ("licence.png", b"", "empty"),
    ],
)
def test_file_that_is_not_what_it_says(newcomer, studio, name, content, words):
    with pytest.raises(EvidenceRefused, match=words):
        added(newcomer, studio.domain, document=sent(name, content))
    assert not Credential.objects.filter(person=newcomer).exists()
    refused = Event.objects.get(verb="experts.evidence_refused", actor=newcomer)
    assert words in refused.data["reason"]
    assert refused.data["bytes"] == len(content)
    assert name not in str(refused.data)


def test_file_that_is_too_large(newcomer, studio, settings):
    settings.CREDENTIAL_EVIDENCE_MAX_BYTES = 1024 * 1024
    with pytest.raises(EvidenceRefused, match="larger than 1 MB"):
        added(newcomer, studio.domain, document=sent(content=PNG + b"\0" * 1024 * 1024))


def test_document_is_private_and_never_acts(newcomer, studio, client):
    made = added(newcomer, studio.domain, document=sent("my licence.pdf", PDF))
    assert "my licence" not in made.evidence.name
    address = reverse("people:credential-document", args=[made.pk])
    client.force_login(studio.expert)
    assert client.get(address).status_code == 403
    client.force_login(studio.lead)
    for query, disposition, policy in (
        ("", "attachment", "default-src 'none'; sandbox"),
        ("?show", "inline", "default-src 'none'; frame-ancestors 'self'"),
    ):
        answer = client.get(address + query)
        assert b"".join(answer.streaming_content) == PDF
        assert answer["Content-Disposition"].startswith(disposition)
        assert answer["Content-Type"] == "application/pdf"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == policy


def test_a_pdf_stands_beside_the_form(newcomer, studio, client):
    made = added(newcomer, studio.domain, document=sent("my licence.pdf", PDF))
    client.force_login(studio.lead)
    page = client.get(reverse("people:verify", args=[made.pk])).content.decode()
    address = reverse("people:credential-document", args=[made.pk])
    assert f'<iframe class="document" src="{address}?show#' in page
    answer = client.get(f"{address}?show")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    answer.close()


def test_verified_facts_cannot_be_edited_even_by_raw_sql(studio):
    held = studio.writer.credentials.get()
    for change in ("issuer = 'Elsewhere'", "expires_on = '2999-01-01'", "verified_at = now()"):
        with (
            pytest.raises(IntegrityError) as refusal,
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE experts_credential SET {change} WHERE id = %s", [held.pk])
        assert refusal.value.__cause__.diag.constraint_name == "credential_verified_stays"


def test_illegal_move_is_refused_by_service_and_database(studio):
    held = studio.writer.credentials.get()
    with pytest.raises(IllegalMove):
        credentials.reject_credential(credential=held, verifier=studio.lead, reason="Late")
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.filter(pk=held.pk).update(state=CredentialState.REJECTED)


@pytest.mark.parametrize("verb", ["reject", "revoke"])
def test_holder_is_led_to_the_evidence_and_the_appeal(newcomer, studio, client, verb):
    made = added(newcomer, studio.domain)
    if verb == "revoke":
        credentials.verify_credential(credential=made, verifier=studio.lead, method="register")
        credentials.revoke_credential(credential=made, verifier=studio.lead, reason="It ended.")
    else:
        credentials.reject_credential(credential=made, verifier=studio.lead, reason="It ended.")
    line = newcomer.notifications.first()
    client.force_login(newcomer)
    page = client.get(line.url).content.decode()
    assert "It ended." in page
    assert reverse("people:credential", args=[made.pk]) in page
    assert "Appeal</button>" in page


def test_every_decision_is_in_the_history(newcomer, studio):
    made = added(newcomer, studio.domain)
    credentials.verify_credential(credential=made, verifier=studio.lead, method="register")
    credentials.revoke_credential(credential=made, verifier=studio.lead, reason="Lapsed")
    verbs = Event.objects.filter(object_type="experts.credential", object_id=str(made.pk)).order_by(
        "id"
    )
    assert list(verbs.values_list("verb", flat=True)) == [
        "experts.credential_added",
        "experts.credential_verified",
        "experts.credential_revoked",
    ]


@pytest.mark.parametrize(("left", "mark"), [(60, 60), (45, 60), (30, 30), (7, 7), (0, 7), (-2, -1)])
def test_reminder_comes_once_a_mark(db, left, mark):
    held = CredentialFactory(expires_on=timezone.now().date() + timedelta(days=left))
    assert reminders.remind_of_expiry() == 1
    assert reminders.remind_of_expiry() == 0
    assert (
        Notification.objects.get(person=held.person).key == f"credential-{held.pk}-expires-{mark}"
    )


def test_no_reminder_when_renewed_or_far_away(db):
    old = CredentialFactory(expires_on=timezone.now().date() + timedelta(days=5))
    CredentialFactory(
        person=old.person, renews=old, expires_on=timezone.now().date() + timedelta(days=400)
    )
    CredentialFactory(person=UserFactory(), expires_on=timezone.now().date() + timedelta(days=61))
    assert reminders.remind_of_expiry() == 0


def test_verification_page_decides(newcomer, studio, client):
    made = added(newcomer, studio.domain, document=sent())
    client.force_login(studio.lead)
    address = reverse("people:verify", args=[made.pk])
    assert client.post(address, {"decision": "reject", "note": ""}).status_code == 422
    assert client.post(address, {"decision": "verify", "method": "Looked up"}).status_code == 302
    made.refresh_from_db()
    assert made.state == CredentialState.VERIFIED
    assert "This is decided" in client.get(address).content.decode()


def test_who_has_checked_it_is_not_asked_to_confirm_it(newcomer, studio, client, settings):
    settings.CREDENTIAL_TWO_PERSON_RULE = True
    address = reverse("people:verify", args=[added(newcomer, studio.domain).pk])
    client.force_login(studio.lead)
    client.post(address, {"decision": "verify", "method": "Looked up"})
    page = client.get(address).content.decode()
    assert "You have checked this" in page
    assert "Confirm</button>" not in page
    client.force_login(person_with(studio.project, "lead"))
    assert "Confirm</button>" in client.get(address).content.decode()
