"""Add, verify, refuse, revoke and take back proofs of expertise."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.services import record
from experts import sealing
from experts.checksums import orcid_holds
from experts.enums import CredentialKind, CredentialState, MeasureKind, NotificationKind
from experts.errors import (
    CredentialRefused,
    EvidenceRefused,
    NumberOfAnother,
    OwnCredential,
    SecondPersonNeeded,
)
from experts.evidence import Document, inspected
from experts.models import Credential, Domain, Measure, User
from experts.queries import same_number
from experts.services.notify import notify, notify_leads_of
from experts.workflow import CREDENTIAL


def add_credential(
    *,
    person: User,
    kind: str,
    title: str,
    issuer: str,
    domains: Iterable[Domain],
    jurisdiction: str = "",
    number: str = "",
    issued_on: date | None = None,
    expires_on: date | None = None,
    document: "UploadedFile[bytes] | None" = None,
    renews: Credential | None = None,
) -> Credential:
    """Put a credential into the verification queue.

    Raises CredentialRefused; or EvidenceRefused for a document that cannot be taken, and NumberOfAnother when
    the number is verified for somebody else: these two are in the audit trail.
    """
    covered = list(domains)
    _require_plausible(kind, number, covered, issued_on, expires_on)
    evidence = _inspected(person, kind, document) if document else None
    digest = sealing.digest(number, kind, jurisdiction or issuer)
    credential = Credential(
        person=person,
        kind=kind,
        title=title.strip(),
        issuer=issuer.strip(),
        jurisdiction=jurisdiction.strip(),
        number_encrypted=sealing.seal(number.strip()),
        number_digest=digest,
        issued_on=issued_on,
        expires_on=expires_on,
        renews=renews,
    )
    if same_number(credential).filter(state=CredentialState.VERIFIED).exists():
        record(verb="experts.credential_number_refused", actor=person, target=person, kind=kind)
        raise NumberOfAnother
    return _store(credential, covered, evidence)


def _inspected(person: User, kind: str, document: "UploadedFile[bytes]") -> Document:
    """The document, looked through. What is on record of a refused one names neither file nor content."""
    try:
        return inspected(document)
    except EvidenceRefused as refusal:
        record(
            verb="experts.evidence_refused",
            actor=person,
            target=person,
            kind=kind,
            bytes=document.size,
            reason=refusal.message,
        )
        raise


def _require_plausible(
    kind: str, number: str, domains: list[Domain], issued_on: date | None, expires_on: date | None
) -> None:
    today = timezone.now().date()
    if not domains:
        raise CredentialRefused("Please choose at least one field that this credential covers.")
    if issued_on and issued_on > today:
        raise CredentialRefused("The day of issue lies in the future.", advice="Check the date.")
    if expires_on and expires_on < today:
        raise CredentialRefused(
            "This credential has expired.", advice="Add the renewed one, or check the date."
        )
    if issued_on and expires_on and expires_on < issued_on:
        raise CredentialRefused("It would expire before it was issued.", advice="Check both dates.")
    if kind == CredentialKind.ORCID and not orcid_holds(number):
        raise CredentialRefused(
            "This is not a valid ORCID iD.",
            advice="It has sixteen characters, like 0000-0002-1825-0097; the last one is a check digit.",
        )


@transaction.atomic
def _store(credential: Credential, domains: list[Domain], evidence: Document | None) -> Credential:
    if evidence is not None:
        credential.evidence_name = evidence.name
        credential.evidence_type = evidence.media_type
        credential.evidence_sha256 = evidence.sha256
        credential.evidence.save(evidence.stored_as, evidence.content, save=False)
    credential.save(force_insert=True)
    credential.domains.set(domains)
    record(
        verb="experts.credential_added",
        actor=credential.person,
        target=credential,
        kind=credential.kind,
        domains=[domain.path for domain in domains],
        evidence_sha256=credential.evidence_sha256,
    )
    notify_leads_of(
        credential.person,
        kind=NotificationKind.TO_VERIFY,
        key=f"credential-{credential.pk}-waits",
        title="A credential waits for verification",
        body=f"{credential.get_kind_display()}: {credential.title}",
        url=f"/people/verification/{credential.pk}/",
    )
    return credential


def verify_credential(
    *,
    credential: Credential,
    verifier: User,
    method: str,
    note: str = "",
    two_person: bool | None = None,
) -> Credential:
    """Accept a credential; under the two-person rule the first acceptance only marks it as checked.

    Raises OwnCredential, SecondPersonNeeded, CredentialRefused, IllegalMove, or NumberOfAnother, which is in the
    audit trail.
    """
    if two_person is None:
        two_person = settings.CREDENTIAL_TWO_PERSON_RULE
    try:
        return _accept(credential, verifier, method.strip(), note.strip(), two_person=two_person)
    except NumberOfAnother:
        record(verb="experts.credential_number_refused", actor=verifier, target=credential)
        raise


@transaction.atomic
def _accept(
    credential: Credential, verifier: User, method: str, note: str, *, two_person: bool
) -> Credential:
    credential = _locked(credential)
    _require_other(credential, verifier)
    if not method:
        raise CredentialRefused(
            "Please say how you verified it.",
            advice="For example: looked up in the register of the board.",
        )
    if credential.expired:
        raise CredentialRefused("This credential has expired.", advice="Ask for the renewed one.")
    if same_number(credential).filter(state=CredentialState.VERIFIED).exists():
        raise NumberOfAnother(
            advice="Look at both documents; revoke the other one first if it is wrong."
        )
    verb = _verifying_verb(credential, verifier, two_person=two_person)
    now = timezone.now()
    if verb == "check":
        credential.checked_by, credential.checked_at = verifier, now
    else:
        credential.verified_by, credential.verified_at = verifier, now
    credential.verification_method, credential.decision_note = method, note
    _move(credential, verb, verifier, method=method)
    if verb != "check":
        _tell(credential, "Your credential is verified", "Tasks in its fields can reach you now.")
    return credential


def _verifying_verb(credential: Credential, verifier: User, *, two_person: bool) -> str:
    if credential.state == CredentialState.CHECKED:
        if credential.checked_by_id == verifier.pk:
            raise SecondPersonNeeded
        return "confirm"
    return "check" if two_person and credential.state == CredentialState.PENDING else "verify"


@transaction.atomic
def reject_credential(*, credential: Credential, verifier: User, reason: str) -> Credential:
    """Refuse a credential with a reason that its holder reads and can appeal."""
    credential = _locked(credential)
    _require_other(credential, verifier)
    _require_reason(reason)
    credential.decision_note = reason.strip()
    _move(credential, "reject", verifier)
    measure = _measure(credential, verifier, MeasureKind.CREDENTIAL_REJECTED, reason)
    _tell(credential, "Your credential was not accepted", reason.strip(), measure)
    return credential


@transaction.atomic
def revoke_credential(*, credential: Credential, verifier: User, reason: str) -> Credential:
    """Take a verified credential out of force at this moment; finished work keeps naming it."""
    credential = _locked(credential)
    _require_other(credential, verifier)
    _require_reason(reason)
    credential.decision_note = reason.strip()
    _move(credential, "revoke", verifier)
    measure = _measure(credential, verifier, MeasureKind.CREDENTIAL_REVOKED, reason)
    _tell(credential, "Your credential was revoked", reason.strip(), measure)
    return credential


@transaction.atomic
def withdraw_credential(*, credential: Credential, person: User) -> Credential:
    """Take one's own credential out of the queue before anybody has decided."""
    credential = _locked(credential)
    if credential.person_id != person.pk:
        raise OwnCredential(
            "Only its holder takes a credential back.", advice="Reject it with a reason."
        )
    _move(credential, "withdraw", person)
    return credential


@transaction.atomic
def reopen_credential(*, credential: Credential, actor: User) -> Credential:
    """Put a refused or revoked credential back into the queue, after an appeal."""
    credential = _locked(credential)
    credential.checked_by = credential.checked_at = None
    credential.verified_by = credential.verified_at = None
    _move(credential, "reopen", actor)
    return credential


def _locked(credential: Credential) -> Credential:
    return Credential.objects.select_for_update().get(pk=credential.pk)


def _require_other(credential: Credential, verifier: User) -> None:
    if credential.person_id == verifier.pk:
        raise OwnCredential


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise CredentialRefused(
            "Please give the reason.", advice="Its holder reads it and can appeal against it."
        )


def _move(credential: Credential, verb: str, actor: User, **facts: Any) -> None:
    move = CREDENTIAL.check(credential.state, verb)
    credential.state = move.target
    credential.save()
    past = {
        "verify": "verified",
        "check": "checked",
        "confirm": "confirmed",
        "reject": "rejected",
        "revoke": "revoked",
        "reopen": "reopened",
        "withdraw": "withdrawn",
    }[verb]
    record(
        verb=f"experts.credential_{past}",
        actor=actor,
        target=credential,
        source=move.source,
        to=move.target,
        **facts,
    )


def _measure(credential: Credential, verifier: User, kind: MeasureKind, reason: str) -> Measure:
    return Measure.objects.create(
        person=credential.person,
        kind=kind,
        credential=credential,
        reason=reason.strip(),
        evidence=[{"text": f"{credential}", "url": f"/people/credentials/{credential.pk}/"}],
        decided_by=verifier,
    )


def _tell(credential: Credential, title: str, body: str, measure: Measure | None = None) -> None:
    """Tell its holder; of a decision against them with the way to its evidence and to an appeal."""
    page = reverse("people:credential", args=[credential.pk])
    if measure is not None:
        body += "\n\nYou can see the evidence and appeal."
        page = reverse("people:measure", args=[measure.pk])
    notify(
        person=credential.person,
        kind=NotificationKind.CREDENTIAL,
        key=f"credential-{credential.pk}-{credential.state}-{timezone.now():%Y%m%d%H%M%S%f}",
        title=title,
        body=f"{credential.title}: {body}",
        url=page,
    )


@transaction.atomic
def vouch_for(*, person: User, domain: Domain, verifier: User | None = None) -> Credential:
    """Record that whoever runs this installation vouches for a person's expertise in a domain.

    For the command line, where there may be no lead yet: the verifier is then the operator.
    """
    verifier = verifier or operator(other_than=person)
    credential = Credential.objects.create(
        person=person,
        kind=CredentialKind.EMPLOYMENT,
        title=f"Vouched for in {domain.name}",
        issuer="The operator of this installation",
        state=CredentialState.VERIFIED,
        verified_by=verifier,
        verified_at=timezone.now(),
        verification_method="Vouched for by the operator on the command line",
    )
    credential.domains.set([domain])
    record(
        verb="experts.credential_vouched_for",
        actor=verifier,
        target=credential,
        domains=[domain.path],
    )
    return credential


def operator(*, other_than: User) -> User:
    """The first administrator who is somebody else; without one, an account that nobody can sign in to."""
    found = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=other_than.pk).first()
    if found is not None:
        return found
    return User.objects.get_or_create(
        email="operator@installation.invalid", defaults={"name": "Operator", "is_active": False}
    )[0]
