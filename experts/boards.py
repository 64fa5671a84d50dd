"""Figures for leads: every number opens exactly the rows it counts.

A board is a name, a query and how to show a row; the number is the count of that same query. Parts above
add theirs when they start.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from experts.enums import AttemptState, CredentialState, Role
from experts.models import (
    Appeal,
    Attempt,
    Credential,
    ErasureRequest,
    Invitation,
    Membership,
    User,
)
from experts.queries import led_by, people_seen_by
from experts.sources import Cell

EXPIRY_HORIZON = timedelta(days=60)
RECHECK_AFTER = timedelta(days=365)


@dataclass(frozen=True)
class Board:
    """One figure. `rows(lead)` is what it counts, `cells(row)` how a row of it is shown under `columns`."""

    slug: str
    group: str
    title: str
    meaning: str
    columns: Sequence[str]
    rows: Callable[[User], "models.QuerySet[Any]"]
    cells: Callable[[Any], Sequence[Cell]]

    def count(self, lead: User) -> int:
        """How many rows `lead` would see."""
        return self.rows(lead).count()


_boards: dict[str, Board] = {}


def add(board: Board) -> Board:
    """Add a board; called once when its app starts."""
    _boards[board.slug] = board
    return board


def boards() -> list[Board]:
    """All boards, in the order in which the apps brought them."""
    return list(_boards.values())


def board_named(slug: str) -> Board | None:
    """The board with this slug."""
    return _boards.get(slug)


def person_cell(person: User) -> Cell:
    """A person, linked to their page."""
    return Cell(str(person), reverse("people:person", args=[person.pseudonym]))


def credentials_to_verify(lead: User) -> "models.QuerySet[Credential]":
    """Credentials that wait for this lead: never their own, nor one they have checked already."""
    return (
        Credential.objects.filter(
            state__in=[CredentialState.PENDING, CredentialState.CHECKED],
            person__in=people_seen_by(lead),
        )
        .exclude(person=lead)
        .exclude(checked_by=lead)
        .select_related("person")
        .prefetch_related("domains")
        .order_by("created_at", "id")
    )


def _in_force(lead: User) -> "models.QuerySet[Credential]":
    renewed = Credential.objects.filter(renews=OuterRef("pk"), state=CredentialState.VERIFIED)
    return (
        Credential.objects.filter(
            ~Exists(renewed), state=CredentialState.VERIFIED, person__in=people_seen_by(lead)
        )
        .select_related("person")
        .prefetch_related("domains")
    )


def expiring(lead: User) -> "models.QuerySet[Credential]":
    """Credentials that expire within sixty days and have no renewal, soonest first: the expiry calendar."""
    today = timezone.now().date()
    return (
        _in_force(lead)
        .filter(expires_on__gte=today, expires_on__lte=today + EXPIRY_HORIZON)
        .order_by("expires_on", "id")
    )


def _expired(lead: User) -> "models.QuerySet[Credential]":
    return (
        _in_force(lead).filter(expires_on__lt=timezone.now().date()).order_by("-expires_on", "id")
    )


def _to_check_again(lead: User) -> "models.QuerySet[Credential]":
    today = timezone.now()
    return (
        _in_force(lead)
        .filter(
            Q(expires_on=None) | Q(expires_on__gte=today.date()),
            verified_at__lt=today - RECHECK_AFTER,
        )
        .order_by("verified_at", "id")
    )


def _unable_to_work(lead: User) -> "models.QuerySet[Membership]":
    valid = Credential.objects.valid_at().filter(person=OuterRef("person"))
    return (
        Membership.objects.filter(
            ~Exists(valid),
            project__in=led_by(lead),
            role__in=[Role.WRITER, Role.EXPERT],
            paused_at=None,
            person__is_active=True,
        )
        .select_related("person", "project")
        .order_by("created_at", "id")
    )


def _paused(lead: User) -> "models.QuerySet[Membership]":
    return (
        Membership.objects.filter(project__in=led_by(lead), paused_at__isnull=False)
        .select_related("person", "project")
        .order_by("paused_at", "id")
    )


def _appeals(lead: User) -> "models.QuerySet[Appeal]":
    return (
        Appeal.objects.filter(outcome="", measure__person__in=people_seen_by(lead))
        .exclude(measure__decided_by=lead)
        .exclude(measure__person=lead)
        .select_related("measure__person")
        .order_by("opened_at", "id")
    )


def _to_grade(lead: User) -> "models.QuerySet[Attempt]":
    return (
        Attempt.objects.filter(state=AttemptState.SUBMITTED, exercise__project__in=led_by(lead))
        .exclude(person=lead)
        .select_related("person", "exercise")
        .order_by("submitted_at", "id")
    )


def _invitations(lead: User) -> "models.QuerySet[Invitation]":
    return (
        Invitation.objects.filter(
            project__in=led_by(lead),
            accepted_at=None,
            withdrawn_at=None,
            expires_at__gt=timezone.now(),
        )
        .select_related("project", "invited_by")
        .order_by("expires_at", "id")
    )


def _erasures(lead: User) -> "models.QuerySet[ErasureRequest]":
    waiting = ErasureRequest.objects.filter(done_at=None, withdrawn_at=None).select_related(
        "person"
    )
    return waiting if lead.is_superuser else waiting.none()


def _credential_cells(credential: Credential) -> list[Cell]:
    return [
        person_cell(credential.person),
        Cell(credential.title, reverse("people:credential", args=[credential.pk])),
        Cell(", ".join(domain.name for domain in credential.domains.all())),
        Cell(credential.expires_on),
        Cell(credential.verified_at),
    ]


def _membership_cells(membership: Membership) -> list[Cell]:
    return [
        person_cell(membership.person),
        Cell(membership.get_role_display()),
        Cell(membership.project.name),
        Cell(membership.paused_at or membership.created_at),
    ]


_CREDENTIAL_COLUMNS = ("Person", "Credential", "Fields", "Expires", "Verified")

add(
    Board(
        "to-verify",
        "Credentials",
        "Waiting for verification",
        "Documents that nobody has decided on yet, longest wait first.",
        ("Person", "Credential", "Fields", "State", "Waits since"),
        credentials_to_verify,
        lambda one: [
            person_cell(one.person),
            Cell(one.title, reverse("people:verify", args=[one.pk])),
            Cell(", ".join(domain.name for domain in one.domains.all())),
            Cell(one.get_state_display()),
            Cell(one.created_at),
        ],
    )
)
add(
    Board(
        "expiring",
        "Credentials",
        "Expiring within 60 days",
        "In force, without a verified renewal. Their holders are reminded 60, 30 and 7 days ahead.",
        _CREDENTIAL_COLUMNS,
        expiring,
        _credential_cells,
    )
)
add(
    Board(
        "expired",
        "Credentials",
        "Expired",
        "They open no field any more; finished work keeps naming them.",
        _CREDENTIAL_COLUMNS,
        _expired,
        _credential_cells,
    )
)
add(
    Board(
        "to-check-again",
        "Credentials",
        "Verified more than a year ago",
        "Look the register up again.",
        _CREDENTIAL_COLUMNS,
        _to_check_again,
        _credential_cells,
    )
)
add(
    Board(
        "unable",
        "People",
        "Experts without a valid credential",
        "They hold a role but no task can reach them.",
        ("Person", "Role", "Project", "Since"),
        _unable_to_work,
        _membership_cells,
    )
)
add(
    Board(
        "paused",
        "People",
        "Paused",
        "No further work reaches them until the pause is lifted.",
        ("Person", "Role", "Project", "Since"),
        _paused,
        _membership_cells,
    )
)
add(
    Board(
        "appeals",
        "People",
        "Appeals to decide",
        "You took no part in these decisions.",
        ("Person", "Against", "Opened"),
        _appeals,
        lambda one: [
            person_cell(one.measure.person),
            Cell(one.measure.get_kind_display(), reverse("people:measure", args=[one.measure_id])),
            Cell(one.opened_at),
        ],
    )
)
add(
    Board(
        "to-grade",
        "People",
        "Qualification tasks to grade",
        "Fields stay closed to these people until somebody has looked.",
        ("Person", "Task", "Handed in"),
        _to_grade,
        lambda one: [
            person_cell(one.person),
            Cell(one.exercise.title, reverse("people:attempt", args=[one.pk])),
            Cell(one.submitted_at),
        ],
    )
)
add(
    Board(
        "invitations",
        "People",
        "Open invitations",
        "Sent and not accepted yet.",
        ("Address", "Role", "Project", "Open until"),
        _invitations,
        lambda one: [
            Cell(one.email, reverse("people:invite")),
            Cell(one.get_role_display()),
            Cell(one.project.name),
            Cell(one.expires_at),
        ],
    )
)
add(
    Board(
        "erasures",
        "People",
        "Requests for erasure",
        "People who ask for their personal data to be erased; administrators carry it out.",
        ("Person", "Asked"),
        _erasures,
        lambda one: [
            Cell(str(one.person), reverse("people:erase", args=[one.pk])),
            Cell(one.asked_at),
        ],
    )
)
