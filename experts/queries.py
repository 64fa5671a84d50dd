"""Reads about people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection, models
from django.utils import timezone

from experts.enums import AttemptState, CredentialState, Role
from experts.models import (
    Acceptance,
    Agreement,
    Attempt,
    Credential,
    Domain,
    DomainAlias,
    Exercise,
    Invitation,
    Measure,
    Membership,
    ProgramToken,
    Project,
    User,
)
from experts.sources import View, figures_of
from lib.prepared import prepared


def valid_credential(person: User, domain: Domain, at: datetime | None = None) -> Credential | None:
    """The credential that lets `person` work in `domain` (it covers it or an ancestor), if any."""
    return (
        Credential.objects.valid_at(at)
        .filter(person=person, domains__path__in=domain.lineage)
        .order_by("id")
        .first()
    )


# Each domain that a valid credential covers, and all below, with the first credential that opens it. Who is
# valid is the rule of CredentialQuerySet.valid_at, told again here because each claim asks it in one go.
OPEN_FIELDS = """
SELECT field.id, field.path, min(credential.id) AS credential
FROM experts_credential credential
JOIN experts_credential_domains covers ON covers.credential_id = credential.id
JOIN experts_domain top ON top.id = covers.domain_id
JOIN experts_domain field ON field.path = top.path OR starts_with(field.path, top.path || '.')
WHERE credential.person_id = %(person)s AND credential.state = 'verified'
  AND credential.verified_at <= %(moment)s
  AND (credential.expires_on IS NULL OR credential.expires_on >= %(day)s)
  AND (credential.issued_on IS NULL OR credential.issued_on <= %(day)s)
GROUP BY field.id, field.path
ORDER BY field.path
"""


# Somebody's accounts: their own, and any that holds a credential with a register number of theirs.
ACCOUNTS_OF = """
SELECT %(person)s::bigint AS id
  UNION
  SELECT other.person_id FROM experts_credential own
  JOIN experts_credential other ON other.number_digest = own.number_digest
  WHERE own.person_id = %(person)s AND own.number_digest <> ''
"""


@dataclass(frozen=True)
class OpenField:
    """A domain in which somebody may work, and the credential that opens it (ids)."""

    domain: int
    path: str
    credential: int


def open_fields(person: User, at: datetime | None = None) -> list[OpenField]:
    """Every domain in which `person` may work now, by path: those a valid credential covers, and all below."""
    moment = at or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(OPEN_FIELDS, {"person": person.pk, "moment": moment, "day": moment.date()})
        return [OpenField(*row) for row in cursor.fetchall()]


def open_domains(person: User, at: datetime | None = None) -> models.QuerySet[Domain]:
    """The domains of `open_fields`, to filter by."""
    return Domain.objects.filter(pk__in=[field.domain for field in open_fields(person, at)])


def domain_at(path: str) -> Domain | None:
    """The domain with this path, or the one that has taken it over since; None when there is none."""
    path = path.strip().strip(".").lower()
    found = Domain.objects.filter(path=path).first()
    if found is None:
        alias = DomainAlias.objects.filter(path=path).select_related("domain").first()
        found = alias.domain if alias else None
    while found is not None and found.merged_into is not None:
        found = found.merged_into
    return found


def same_number(credential: Credential) -> models.QuerySet[Credential]:
    """Credentials of other people with the same number in the same register."""
    if not credential.number_digest:
        return Credential.objects.none()
    return Credential.objects.filter(number_digest=credential.number_digest).exclude(
        person=credential.person
    )


def qualification_of(credential: Credential) -> dict[str, object]:
    """What a release may say about an author: coarse, and never the document or the number."""
    return {
        "kind": credential.kind,
        "jurisdiction": credential.jurisdiction,
        "domains": sorted(domain.path for domain in credential.domains.all()),
        "verified_on": credential.verified_at.date().isoformat()
        if credential.verified_at
        else None,
    }


def current_agreements() -> list[Agreement]:
    """The newest version of each agreement; none in an installation that has published none."""
    newest = Agreement.objects.order_by("kind", "-version").distinct("kind")
    return list(newest)


def open_agreements(person: User) -> list[Agreement]:
    """What this person still has to accept before they may work."""
    accepted = set(Acceptance.objects.filter(person=person).values_list("agreement", flat=True))
    return [agreement for agreement in current_agreements() if agreement.pk not in accepted]


# Whether `open_agreements` holds any: asked before each piece of work, so without reading their texts.
UNACCEPTED = """
EXISTS (
  SELECT 1 FROM experts_agreement newest
  WHERE NOT EXISTS (
      SELECT 1 FROM experts_agreement later
      WHERE later.kind = newest.kind AND later.version > newest.version)
    AND NOT EXISTS (
      SELECT 1 FROM experts_acceptance accepted
      WHERE accepted.agreement_id = newest.id AND accepted.person_id = %(person)s))
"""


def has_open_agreements(person: User) -> bool:
    """Whether this person still has to accept something before they may work."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {UNACCEPTED}", {"person": person.pk})
        (waiting,) = cursor.fetchone()
    return bool(waiting)


def agreements_of(person: User, at: datetime | None = None) -> list[dict[str, object]]:
    """For a record: what its author had accepted at that moment, newest version of each kind.

    [{"kind", "title", "version", "accepted_at": ISO date and time}]
    """
    accepted = Acceptance.objects.filter(person=person).select_related("agreement")
    if at is not None:
        accepted = accepted.filter(accepted_at__lte=at)
    newest = {one.agreement.kind: one for one in accepted.order_by("agreement__version")}
    return [
        {
            "kind": kind,
            "title": one.agreement.title,
            "version": one.agreement.version,
            "accepted_at": one.accepted_at.isoformat(timespec="seconds"),
        }
        for kind, one in sorted(newest.items())
    ]


def projects_of(person: User, *roles: Role) -> models.QuerySet[Project]:
    """Projects at work in which the person holds one of `roles` (any, when none is named) and is not paused:
    where something new may begin, for queues, boards and lists."""
    return projects_held_by(person, *roles).filter(archived_at=None)


def projects_held_by(person: User, *roles: Role) -> models.QuerySet[Project]:
    """The same with archived ones: whatever may be read, finished or accounted for there."""
    if person.is_superuser and (not roles or Role.LEAD in roles):
        return Project.objects.all()
    held = Membership.objects.filter(person=person, paused_at=None)
    if roles:
        held = held.filter(role__in=roles)
    return Project.objects.filter(pk__in=held.values("project"))


def is_archived(project_id: int) -> bool:
    """Whether a project takes no new work, as the database knows it now."""
    return Project.objects.filter(pk=project_id, archived_at__isnull=False).exists()


def roles_of(person: User, project: Project | None = None) -> set[Role]:
    """The roles the person holds, in one project or anywhere."""
    held = Membership.objects.filter(person=person, paused_at=None)
    if project is not None:
        held = held.filter(project=project)
    return {Role(role) for role in held.values_list("role", flat=True).distinct()}


# The roles somebody holds in projects; one `counts` where they are not paused and the project is not over, as in
# `projects_of`. Said in SQL because every page asks it first: building the query anew costs more than its answer.
HELD_ROLES = """
SELECT held.role, held.project_id, held.paused_at IS NOT NULL AS paused, project.archived_at IS NOT NULL AS archived,
  held.paused_at IS NULL AND project.archived_at IS NULL AS counts
FROM experts_membership held JOIN experts_project project ON project.id = held.project_id
WHERE held.person_id = %(person)s
"""


def places_of_work(person: User) -> set[Role]:
    """The roles whose pages the person may open. Who is paused as a writer gets nothing new, but finds and
    finishes what they have begun."""
    with prepared() as cursor:
        cursor.execute(HELD_ROLES, {"person": person.pk})
        return {
            Role(role)
            for role, _, paused, archived, _ in cursor.fetchall()
            if not paused or (role == Role.WRITER and not archived)
        }


def has_role(person: User, project: Project, *roles: Role) -> bool:
    """Whether the person holds one of `roles` in the project and is not paused: `projects_held_by` for one
    project."""
    held = Membership.objects.filter(person=person, project=project, paused_at=None)
    return held.filter(role__in=roles).exists()


# What `has_role`, `ACCOUNTS_OF` and `open_fields` would say one after the other, in one go.
_STANDING = f"""
SELECT
  EXISTS (SELECT 1 FROM ({HELD_ROLES}) held WHERE project_id = %(project)s AND role = %(role)s AND NOT paused),
  EXISTS (SELECT 1 FROM ({ACCOUNTS_OF}) accounts WHERE id = %(author)s),
  (SELECT credential FROM ({OPEN_FIELDS}) field WHERE id = %(domain)s)
"""


@dataclass(frozen=True)
class Standing:
    """How somebody stands to a piece of work: whether they hold the role it takes in its project, whether they wrote
    it, under whatever account, and the credential that opens its field to them (its key)."""

    holds_role: bool
    is_author: bool
    credential: int | None


def standing_of(
    person: User, *, project: int, role: Role, author: int | None, domain: int
) -> Standing:
    """The standing of a person now, by the keys of project, author and domain."""
    moment = timezone.now()
    asked: dict[str, Any] = {
        "person": person.pk,
        "project": project,
        "role": role,
        "author": author,
        "domain": domain,
        "moment": moment,
        "day": moment.date(),
    }
    with prepared() as cursor:
        cursor.execute(_STANDING, asked)
        holds_role, is_author, credential = cursor.fetchone()
    leads_all = person.is_superuser and role == Role.LEAD
    return Standing(holds_role or leads_all, is_author, credential)


def consent_reference(acceptances: Iterable[Acceptance], at: datetime) -> str:
    """For a record: which versions its author had accepted when they handed it in, in one line.

    Like `contributor version 1 accepted 2026-01-31; writing_log version 1 accepted 2026-01-31`; empty for none.
    """
    newest: dict[str, Acceptance] = {}
    for one in sorted(acceptances, key=lambda one: one.agreement.version):
        if one.accepted_at <= at:
            newest[one.agreement.kind] = one
    return "; ".join(
        f"{kind} version {one.agreement.version} accepted {one.accepted_at.date().isoformat()}"
        for kind, one in sorted(newest.items())
    )


def led_by(person: User) -> models.QuerySet[Project]:
    """Projects at work in which the person may decide about people."""
    return projects_of(person, Role.LEAD)


def people_seen_by(lead: User) -> models.QuerySet[User]:
    """Everybody a lead looks after: the members of the projects they lead, archived ones too; all for an
    administrator."""
    people = User.objects.filter(erased_at=None)
    if lead.is_superuser:
        return people
    led = projects_held_by(lead, Role.LEAD)
    return people.filter(memberships__project__in=led).distinct()


def lock_person(person: User) -> None:
    """Hold this person's row until the transaction ends, so that what they ask for twice comes one by one."""
    with prepared() as cursor:
        cursor.execute("SELECT 1 FROM experts_user WHERE id = %s FOR NO KEY UPDATE", [person.pk])


def leads_over(person: User) -> models.QuerySet[User]:
    """The leads of this person's projects, and administrators when there is no other lead."""
    projects = Membership.objects.filter(person=person).values("project")
    leads = User.objects.filter(
        is_active=True, memberships__role=Role.LEAD, memberships__project__in=projects
    ).exclude(pk=person.pk)
    if leads.exists():
        return leads.distinct()
    return User.objects.filter(is_active=True, is_superuser=True).exclude(pk=person.pk)


def domains_with_holders(lead: User) -> models.QuerySet[Domain]:
    """The tree, each domain with `holders`: how many people `people_listed(lead, domain=path)` lists."""
    held = Credential.objects.valid_at().filter(person__in=people_seen_by(lead))
    holders = models.Count(
        "credentials__person", distinct=True, filter=models.Q(credentials__in=held)
    )
    return Domain.objects.annotate(holders=holders).select_related("merged_into")


def people_listed(
    lead: User,
    *,
    words: str = "",
    role: str = "",
    project: str = "",
    show: str = "",
    domain: str = "",
) -> models.QuerySet[User]:
    """The people list of a lead, searched and filtered; `show` is one of pending, paused, uncredentialed;
    `domain` a path: those with a valid credential that names it."""
    found = people_seen_by(lead)
    if words:
        found = found.filter(
            models.Q(name__icontains=words)
            | models.Q(email__icontains=words)
            | models.Q(pseudonym__icontains=words)
        )
    if role:
        found = found.filter(memberships__role=role)
    if project:
        found = found.filter(memberships__project__slug=project)
    valid = Credential.objects.valid_at().filter(person=models.OuterRef("pk"))
    if domain:
        found = found.filter(models.Exists(valid.filter(domains__path=domain)))
    if show == "pending":
        found = found.filter(
            credentials__state__in=[CredentialState.PENDING, CredentialState.CHECKED]
        )
    elif show == "paused":
        found = found.filter(memberships__paused_at__isnull=False)
    elif show == "uncredentialed":
        found = found.filter(
            ~models.Exists(valid), memberships__role__in=[Role.WRITER, Role.EXPERT]
        )
    memberships = Membership.objects.select_related("project").order_by("project__name", "role")
    credentials = Credential.objects.valid_at().prefetch_related("domains")
    return (
        found.distinct()
        .order_by("name", "email")
        .prefetch_related(
            models.Prefetch("memberships", memberships),
            models.Prefetch("credentials", credentials, to_attr="valid_credentials"),
        )
    )


def has_second_factor(person: User) -> bool:
    """Whether an app or a passkey is set up; recovery codes alone do not count."""
    factors = Authenticator.objects.filter(user=person)
    return bool(factors.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def view_of(person: User, *, viewer: User, project: str = "") -> View:
    """What of somebody's work `viewer` may look at: their own whole, of others what is in projects they lead.

    `project` (a slug) narrows it to one of these.
    """
    own = viewer.pk == person.pk
    everywhere = own or viewer.is_superuser
    if everywhere and not project:
        return View(person, None, own)
    seen = Project.objects.all() if everywhere else projects_held_by(viewer, Role.LEAD)
    if project:
        seen = seen.filter(slug=project)
    return View(person, tuple(seen.values_list("pk", flat=True)), own)


def person_page(person: User, *, viewer: User) -> dict[str, Any]:
    """What a person's page shows to `viewer`, who may see it."""
    own = viewer.pk == person.pk
    memberships = person.memberships.select_related("project").order_by("project__name", "role")
    if not own and not viewer.is_superuser:
        led = projects_held_by(viewer, Role.LEAD)
        memberships = memberships.filter(project__in=led)
    return {
        "person": person,
        "own": own,
        "may_lead": not own,
        "memberships": memberships,
        "credentials": person.credentials.prefetch_related("domains").order_by("-created_at"),
        "figures": [one for one in figures_of(view_of(person, viewer=viewer)) if one.on_page],
        "measures": person.measures.select_related("project", "credential", "decided_by", "appeal"),
        "agreements": agreements_of(person),
        "attempts": person.attempts.select_related("exercise__domain").order_by("-id")[:20],
        "second_factor": has_second_factor(person),
    }


def tokens_of(person: User) -> models.QuerySet[ProgramToken]:
    """The tokens of this person's programs, newest first."""
    return ProgramToken.objects.filter(token__user=person).select_related("token").order_by("-id")


def invitation_of(secret_sha256: str, *, lock: bool = False) -> Invitation | None:
    """The invitation behind a link, by the hash of its secret."""
    found = Invitation.objects.filter(secret_sha256=secret_sha256)
    if lock:
        found = found.select_for_update(of=("self",))
    return found.select_related("project", "invited_by").first()


def members_of(project: Project) -> models.QuerySet[User]:
    """Everybody who holds a role in a project and is not paused in it."""
    return User.objects.filter(
        is_active=True, memberships__project=project, memberships__paused_at=None
    ).distinct()


def project_leads(project: Project) -> models.QuerySet[User]:
    """Who leads a project now."""
    return User.objects.filter(
        is_active=True,
        memberships__project=project,
        memberships__role=Role.LEAD,
        memberships__paused_at=None,
    ).distinct()


def adjudicators_of(measure: Measure) -> models.QuerySet[User]:
    """Who may decide an appeal: leads of the person's projects and administrators who took no part."""
    projects = Membership.objects.filter(person=measure.person).values("project")
    leads = models.Q(memberships__role=Role.LEAD, memberships__project__in=projects)
    return (
        User.objects.filter(leads | models.Q(is_superuser=True), is_active=True)
        .exclude(pk__in=[measure.person_id, measure.decided_by_id])
        .distinct()
    )


def reopened(attempt: Attempt) -> bool:
    """Whether an appeal took its grading back."""
    return attempt.measures.filter(lifted_at__isnull=False).exists()


@dataclass(frozen=True)
class Offer:
    """A set task as somebody finds it: their newest attempt, and whether they may begin one (again)."""

    exercise: Exercise
    attempt: Attempt | None
    may_begin: bool


def exercises_for(person: User) -> list[Offer]:
    """Practice and qualification tasks of this person's projects."""
    projects = projects_of(person, Role.WRITER, Role.EXPERT)
    asked = Exercise.objects.filter(project__in=projects, retired_at=None).select_related(
        "project", "domain"
    )
    attempts = Attempt.objects.filter(person=person, exercise__in=asked).order_by("number")
    newest = {one.exercise_id: one for one in attempts}
    return [_offer(exercise, newest.get(exercise.pk)) for exercise in asked]


def _offer(exercise: Exercise, newest: Attempt | None) -> Offer:
    if newest is None or newest.state == AttemptState.PRACTISED:
        return Offer(exercise, newest, may_begin=True)
    again = newest.state == AttemptState.FAILED and reopened(newest)
    return Offer(exercise, newest, may_begin=again)
