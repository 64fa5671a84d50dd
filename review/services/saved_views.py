"""Filters that a person keeps under a name."""

from django.db import transaction

from experts.models import User
from lib.errors import Invalid
from review.models import SavedView


@transaction.atomic
def save_view(*, person: User, name: str, query: str) -> SavedView:
    """Keep a set of filters; the same name again replaces it."""
    name = name.strip()[:60]
    if not name:
        raise Invalid("A view needs a name.", advice="Give it one and save it again.")
    made, _ = SavedView.objects.update_or_create(
        person=person, name=name, defaults={"query": query[:600]}
    )
    return made


def delete_view(*, person: User, view_id: int) -> None:
    """Forget a kept set of filters."""
    SavedView.objects.filter(person=person, pk=view_id).delete()
