"""The rights of a person over their data: to have a copy, and to have it erased."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone
from knox.models import AuthToken

from audit.models import Event
from audit.services import record
from experts import sealing
from experts.enums import CredentialState
from experts.errors import AlreadyDone, OwnCredential
from experts.models import Appeal, Credential, ErasureRequest, Invitation, Membership, User
from experts.queries import tokens_of
from experts.sources import sources


def data_of(person: User) -> Iterator[tuple[str, Iterable[Mapping[str, Any]]]]:
    """All that is held about a person, as named lists of JSON-able rows, part by part."""
    yield "person", [_person(person)]
    yield (
        "credentials",
        (_credential(one) for one in person.credentials.prefetch_related("domains")),
    )
    for name, rows, columns in _kept(person):
        yield name, rows.order_by("pk").values(*columns)
    yield (
        "events",
        map(_event, Event.objects.filter(actor=person).order_by("pk").iterator(chunk_size=500)),
    )
    for source in sources():
        yield from source.data(person)


def _kept(person: User) -> list[tuple[str, Any, list[str]]]:
    """(name, rows, columns) of what stands about a person in rows of their own."""
    return [
        (
            "roles",
            person.memberships,
            [
                "project__slug",
                "role",
                "created_at",
                "paused_at",
                "daily_limit",
                "difficulty_from",
                "difficulty_to",
            ],
        ),
        (
            "agreements",
            person.acceptances,
            ["agreement__kind", "agreement__version", "accepted_at"],
        ),
        (
            "invitations",
            Invitation.objects.filter(accepted_by=person),
            ["project__slug", "role", "accepted_at"],
        ),
        ("addresses", EmailAddress.objects.filter(user=person), ["email", "verified", "primary"]),
        (
            "sessions",
            UserSession.objects.filter(user=person),
            ["ip", "user_agent", "created_at", "last_seen_at"],
        ),
        (
            "second_factors",
            Authenticator.objects.filter(user=person),
            ["type", "created_at", "last_used_at"],
        ),
        (
            "organisation_accounts",
            SocialAccount.objects.filter(user=person),
            ["provider", "uid", "extra_data", "date_joined", "last_login"],
        ),
        ("tokens", tokens_of(person), ["name", "token__created", "token__expiry"]),
        ("notifications", person.notifications, ["kind", "title", "body", "created_at", "read_at"]),
        ("notification_choices", person.notification_choices, ["kind", "delivery"]),
        ("erasure_requests", person.erasure_requests, ["asked_at", "withdrawn_at", "done_at"]),
        (
            "exercises",
            person.attempts,
            ["exercise__title", "state", "text", "marks", "feedback", "submitted_at"],
        ),
        (
            "measures",
            person.measures,
            [
                "kind",
                "reason",
                "evidence",
                "decided_at",
                "lifted_at",
                "appeal__text",
                "appeal__outcome",
                "appeal__answer",
            ],
        ),
    ]


def as_json(person: User) -> Iterator[bytes]:
    """`data_of` as one JSON document, row by row, so that no size needs much memory."""
    yield b"{"
    for number, (name, rows) in enumerate(data_of(person)):
        yield (b",\n" if number else b"\n") + orjson.dumps(name) + b": ["
        for place, row in enumerate(rows):
            yield (b",\n  " if place else b"\n  ") + orjson.dumps(row, default=str)
        yield b"\n]"
    yield b"\n}\n"


def _person(person: User) -> dict[str, Any]:
    return {
        "email": person.email,
        "name": person.name,
        "pseudonym": person.pseudonym,
        "languages": person.languages,
        "assistive_input": person.assistive_input,
        "joined_at": person.joined_at,
        "last_login": person.last_login,
    }


def _event(event: Event) -> dict[str, Any]:
    """What somebody did. The number of the task is ours: it tells nothing of them, but what they were given."""
    told = {name: value for name, value in event.data.items() if name != "task"}
    return {"at": event.at, "verb": event.verb, "data": told}


def _credential(credential: Credential) -> dict[str, Any]:
    return {
        "kind": credential.kind,
        "title": credential.title,
        "issuer": credential.issuer,
        "jurisdiction": credential.jurisdiction,
        "number": sealing.unseal(credential.number_encrypted),
        "domains": [domain.path for domain in credential.domains.all()],
        "issued_on": credential.issued_on,
        "expires_on": credential.expires_on,
        "state": credential.state,
        "verified_at": credential.verified_at,
        "verification_method": credential.verification_method,
        "decision_note": credential.decision_note,
        "evidence": credential.evidence_name,
        "evidence_sha256": credential.evidence_sha256,
    }


@transaction.atomic
def ask_for_erasure(*, person: User) -> ErasureRequest:
    """Ask for one's personal data to be erased; an administrator carries it out."""
    if ErasureRequest.objects.filter(person=person, done_at=None, withdrawn_at=None).exists():
        raise AlreadyDone(
            "You have asked for this already.", advice="An administrator will carry it out."
        )
    request = ErasureRequest.objects.create(person=person)
    record(verb="experts.erasure_asked", actor=person, target=request)
    return request


@transaction.atomic
def withdraw_erasure(*, person: User) -> None:
    """Change one's mind before it is done."""
    waiting = ErasureRequest.objects.filter(person=person, done_at=None, withdrawn_at=None)
    if not waiting.update(withdrawn_at=timezone.now()):
        raise AlreadyDone("There is no open request.")
    record(verb="experts.erasure_withdrawn", actor=person, target=person)


@transaction.atomic
def erase_person(*, request: ErasureRequest, actor: User) -> dict[str, int]:
    """Erase what identifies a person; returns how many rows changed, by kind. It cannot be undone.

    What stays, under the pseudonym: submitted work with its reviews, and of each verified credential its
    kind, jurisdiction, domains and dates, because released records state them. `firsthand.erasing` lets
    append-only tables pass this one transaction.
    """
    if not actor.is_superuser:
        raise OwnCredential("Only an administrator carries out an erasure.")
    request = (
        ErasureRequest.objects.select_for_update(of=("self",))
        .select_related("person")
        .get(pk=request.pk)
    )
    if request.done_at or request.withdrawn_at:
        raise AlreadyDone
    person = request.person
    if person.pk == actor.pk:
        raise OwnCredential("Another administrator has to carry this out.")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL firsthand.erasing = 'on'")
    documents = list(person.credentials.exclude(evidence="").values_list("evidence", flat=True))
    report: dict[str, int] = {}
    # The parts above first: what they give back tells the person so, and their inbox goes with the account.
    for source in sources():
        for name, count in source.erase(person).items():
            report[name] = report.get(name, 0) + count
    report |= {**_erase_account(person), **_erase_credentials(person)}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL firsthand.erasing = 'off'")
    request.done_at, request.done_by, request.report = timezone.now(), actor, report
    request.save()
    record(verb="experts.person_erased", actor=actor, target=person, **report)
    transaction.on_commit(lambda: _delete_documents(documents))
    return report


def _delete_documents(names: Iterable[str]) -> None:
    """After the commit only: an erasure that fails leaves every document in its place."""
    for name in names:
        default_storage.delete(name)


def _erase_account(person: User) -> dict[str, int]:
    address = person.email
    sessions = UserSession.objects.filter(user=person)
    keys = list(sessions.values_list("session_key", flat=True))
    counts = {
        "tokens": AuthToken.objects.filter(user=person).delete()[0],
        "sessions": Session.objects.filter(session_key__in=keys).delete()[0],
        "addresses": EmailAddress.objects.filter(user=person).delete()[0],
        "factors": Authenticator.objects.filter(user=person).delete()[0],
        "organisation accounts": SocialAccount.objects.filter(user=person).delete()[0],
        "notifications": person.notifications.all().delete()[0],
        "roles": Membership.objects.filter(person=person).delete()[0],
        "invitations": Invitation.objects.filter(email__iexact=address).update(
            email="erased@erased.invalid"
        ),
    }
    sessions.delete()
    person.notification_choices.all().delete()
    person.attempts.update(text="", feedback="", marks={})
    person.measures.update(reason="Erased", evidence=[])
    Appeal.objects.filter(measure__person=person).update(text="Erased")
    person.name, person.languages, person.assistive_input = "", [], False
    person.email = f"{person.pseudonym}-{secrets.token_hex(3)}@erased.invalid"
    person.is_active, person.is_superuser, person.erased_at = False, False, timezone.now()
    person.set_unusable_password()
    person.save()
    return counts


def _erase_credentials(person: User) -> dict[str, int]:
    kept = person.credentials.all()
    for credential in kept.filter(state__in=[CredentialState.PENDING, CredentialState.CHECKED]):
        credential.state = CredentialState.WITHDRAWN
        credential.save(update_fields=["state"])
    count = kept.update(
        title="Erased",
        issuer="Erased",
        number_encrypted=b"",
        number_digest="",
        evidence="",
        evidence_name="",
        evidence_sha256="",
        evidence_type="",
        decision_note="",
    )
    return {"credentials": count}
