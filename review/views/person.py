"""Who asks, as our own type: every page here is for people who have signed in."""

from typing import cast

from django.http import HttpRequest

from experts.models import User


def person_of(request: HttpRequest) -> User:
    """The signed-in person."""
    return cast(User, request.user)
