"""A person's word on texts of theirs that were not approved."""

from django.db import transaction

from audit.services import record
from experts.models import User
from exports.models import PairConsent


@transaction.atomic
def say_of_pairs(*, person: User, allowed: bool) -> PairConsent:
    """Whether this person's unapproved texts may travel in preference pairs of releases cut from now on."""
    made = PairConsent.objects.create(person=person, allowed=allowed)
    record(
        verb="exports.pairs_allowed" if allowed else "exports.pairs_refused",
        actor=person,
        target=made,
    )
    return made
