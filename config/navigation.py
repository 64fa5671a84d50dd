"""What the header shows: the places where this person can do something now."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from experts.enums import Role
from experts.models import User
from experts.queries import places_of_work

THEMES = {"auto": "As the system", "light": "Light", "dark": "Dark"}


@dataclass(frozen=True)
class Place:
    """A link of the main navigation. Its label is the accessible name that others rely on."""

    label: str
    url: str
    purpose: str
    roles: frozenset[Role]


PLACES = (
    Place("Write", "/write/", "Take a task and write the response.", frozenset({Role.WRITER})),
    Place(
        "Review",
        "/review/",
        "Judge what others wrote.",
        frozenset({Role.EXPERT, Role.FORMAT, Role.LEAD}),
    ),
    Place(
        "Datasets",
        "/datasets/",
        "Build, publish and download releases.",
        frozenset({Role.LEAD, Role.OBSERVER}),
    ),
    Place("People", "/people/", "Invite people and verify credentials.", frozenset({Role.LEAD})),
    Place(
        "Projects",
        "/projects/",
        "Guidelines, instructions and progress.",
        frozenset({Role.LEAD, Role.OBSERVER}),
    ),
)


def places_for(request: HttpRequest) -> list[Place]:
    """The places open to whoever asks. An administrator counts as a lead of every project."""
    person = request.user
    if not person.is_authenticated:
        return []
    roles = places_of_work(person) | ({Role.LEAD} if person.is_superuser else set())
    return [place for place in PLACES if place.roles & roles]


def unread_by(request: HttpRequest) -> int:
    """How many notices this person has not read, counted up to a hundred."""
    if not isinstance(request.user, User):
        return 0
    return request.user.notifications.filter(read_at=None).order_by()[:100].count()


def here(request: HttpRequest) -> str:
    """The label of the place that the address lies in, or nothing."""
    return next((place.label for place in PLACES if request.path.startswith(place.url)), "")


def chosen_theme(request: HttpRequest) -> str:
    """`light`, `dark`, or `auto` when nothing (or nonsense) is in the cookie."""
    theme = request.COOKIES.get("theme", "auto")
    return theme if theme in THEMES else "auto"


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context of every page. Lazy, because a fragment shows no header and must not pay for one."""
    return {
        "places": SimpleLazyObject(lambda: places_for(request)),
        "unread": SimpleLazyObject(lambda: unread_by(request)),
        "here": here(request),
        "theme": chosen_theme(request),
        "themes": THEMES,
    }
