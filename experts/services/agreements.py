"""Publish and accept what people agree to before they work."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max

from audit.services import record
from experts.models import Acceptance, Agreement, User
from experts.queries import current_agreements


@transaction.atomic
def publish_agreement(*, kind: str, title: str, text: str, actor: User | None = None) -> Agreement:
    """Publish the next version of an agreement; everybody is asked again before their next task."""
    newest = Agreement.objects.filter(kind=kind).aggregate(top=Max("version"))["top"] or 0
    agreement = Agreement.objects.create(
        kind=kind, version=newest + 1, title=title.strip(), text=text.strip(), published_by=actor
    )
    record(
        verb="experts.agreement_published",
        actor=actor,
        target=agreement,
        kind=kind,
        version=agreement.version,
    )
    return agreement


@transaction.atomic
def accept_agreements(
    *, person: User, agreements: Iterable[Agreement] | None = None
) -> list[Acceptance]:
    """Record that a person has accepted these versions (all current ones when none are named)."""
    wanted = current_agreements() if agreements is None else list(agreements)
    made = []
    for agreement in wanted:
        acceptance, new = Acceptance.objects.get_or_create(agreement=agreement, person=person)
        if new:
            made.append(acceptance)
            record(
                verb="experts.agreement_accepted",
                actor=person,
                target=person,
                kind=agreement.kind,
                version=agreement.version,
            )
    return made
