"""Agree on rates."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from audit.services import record
from experts.enums import Role
from experts.models import Project, Rate, User
from experts.rules import hold_role


@transaction.atomic
def set_rate(
    *, actor: User, project: Project, kind: str, amount: Decimal, currency: str, valid_from: date
) -> Rate:
    """What a kind of work is paid in a project from a day on; earlier days keep their rate."""
    hold_role.require(actor, project, Role.LEAD)
    rate = Rate.objects.create(
        project=project,
        kind=kind,
        amount=amount,
        currency=currency.upper(),
        valid_from=valid_from,
        set_by=actor,
    )
    record(
        verb="experts.rate_set",
        actor=actor,
        target=rate,
        project_id=project.pk,
        kind=kind,
        amount=str(amount),
        currency=rate.currency,
        valid_from=valid_from.isoformat(),
    )
    return rate
