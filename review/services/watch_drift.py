"""Tell the leads of a project once when a reviewer's strictness has left that of the peers."""

from django.urls import reverse

from experts.enums import NotificationKind, Role
from experts.models import Project, User
from experts.services.notify import notify
from review.drift import Course, Drift
from review.figures import drifts_in
from review.stages import by_slug

DRIFTS = {Course.STRICTER, Course.MILDER}
TITLE = "A reviewer's verdicts have moved away from those of their peers"


def tell_of_drift() -> int:
    """Notify leads of every drift that stands now, once for each person, stage and week; returns how many."""
    return sum(_tell(project) for project in Project.objects.filter(archived_at=None))


def _tell(project: Project) -> int:
    found = drifts_in([project.pk])
    standing = {who: drift for who, drift in found.items() if drift.course in DRIFTS}
    if not standing:
        return 0
    names = User.objects.in_bulk([person for person, _ in standing])
    leads = User.objects.filter(
        is_active=True,
        memberships__project=project,
        memberships__role=Role.LEAD,
        memberships__paused_at=None,
    )
    return sum(
        _tell_lead(lead, project, names[person], stage, drift)
        for lead in leads.distinct()
        for (person, stage), drift in standing.items()
        if lead.pk != person
    )


def _tell_lead(lead: User, project: Project, reviewer: User, stage: str, drift: Drift) -> bool:
    week = drift.signals[-1].week
    made = notify(
        person=lead,
        kind=NotificationKind.DRIFT,
        key=f"drift-{project.pk}-{reviewer.pk}-{stage}-{week}",
        title=TITLE,
        body=(
            f"{reviewer} in “{project.name}”, {by_slug(stage).title.lower()}: {drift.course}. "
            "Harder tasks do that too: look at the weeks and their rows before you conclude anything."
        ),
        url=reverse("review:reviewer", args=[reviewer.pk, stage]),
    )
    return made is not None
