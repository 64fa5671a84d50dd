"""Who is asking, with their type known."""

from django.http import HttpRequest

from experts.models import User


def person_of(request: HttpRequest) -> User:
    """The signed-in person; pages that use it declare that one must be signed in."""
    assert isinstance(request.user, User)
    return request.user
