"""End one of one's own sign-ins."""

from allauth.usersessions.models import UserSession
from django.db import transaction

from audit.services import record
from experts.errors import AlreadyDone
from experts.models import User


@transaction.atomic
def end_session(*, person: User, pk: int) -> None:
    """Sign this person out of one browser."""
    session = UserSession.objects.filter(user=person, pk=pk).first()
    if session is None:
        raise AlreadyDone("This sign-in has ended already.", advice="Reload the list.")
    session.end()
    record(verb="experts.session_ended", actor=person, target=person, since=str(session.created_at))
