"""Give programs access in a person's name, and take it back."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from knox.models import AuthToken

from audit.services import record
from experts.errors import NoSuchToken, TooManyTokens
from experts.models import ProgramToken, User
from experts.queries import lock_person, tokens_of

MOST_TOKENS = 10


@transaction.atomic
def create_token(*, person: User, name: str, days: int) -> tuple[ProgramToken, str]:
    """A token that ends by itself after so many days, and its secret, which nobody can show again.

    Raises TooManyTokens when the person has ten that have not ended.
    """
    lock_person(person)
    if tokens_of(person).filter(token__expiry__gt=timezone.now()).count() >= MOST_TOKENS:
        raise TooManyTokens
    token, secret = AuthToken.objects.create(person, expiry=timedelta(days=days))
    made = ProgramToken.objects.create(token=token, name=name)
    record(
        verb="experts.token_created",
        actor=person,
        target=made,
        name=name,
        begins_with=token.token_key[:8],
        expires_at=token.expiry.isoformat(timespec="seconds"),
    )
    return made, secret


@transaction.atomic
def revoke_token(*, person: User, pk: int) -> None:
    """End a token of one's own at this moment."""
    found = tokens_of(person).filter(pk=pk).first()
    if found is None:
        raise NoSuchToken
    record(
        verb="experts.token_revoked",
        actor=person,
        target=found,
        name=found.name,
        begins_with=found.token.token_key[:8],
    )
    found.token.delete()
