"""Two gates that stand before every page: the second factor, and the agreements."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from experts.enums import Role
from experts.errors import AgreementsOpen
from experts.models import User
from experts.queries import roles_of
from lib.htmx import go_to

# Where people without the factor may still go: to set it up, to change their address, to leave.
_ALWAYS_OPEN = ("/accounts/", "/static/", "/theme/", "/healthz", "/readyz")
TRUSTED_WITH_OTHERS = {Role.EXPERT, Role.FORMAT, Role.LEAD}


def needs_second_factor(person: User) -> bool:
    """Whether this person has to set one up: reviewers, leads and administrators, when the setting asks."""
    if not settings.MFA_REQUIRED:
        return False
    trusted = person.is_superuser or bool(roles_of(person) & TRUSTED_WITH_OTHERS)
    return trusted and not is_mfa_enabled(person)


class SecondFactorMiddleware:
    """Sends people who need a second factor to the page where they set one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if (
            settings.MFA_REQUIRED
            and isinstance(person, User)
            and not request.path.startswith(_ALWAYS_OPEN)
            and needs_second_factor(person)
        ):
            messages.warning(
                request,
                "Your role needs a second step at sign-in. Set up an app or a passkey to go on.",
            )
            return go_to(request, reverse("mfa_index"))
        return self.get_response(request)


class AgreementsMiddleware:
    """Sends people whose first task waits for the agreements to read them, and back afterwards."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, AgreementsOpen) or not request.accepts("text/html"):
            return None
        return go_to(
            request, f"{reverse('people:agreements')}?{urlencode({'next': _back(request)})}"
        )


def _back(request: HttpRequest) -> str:
    """Where to go on afterwards: what was asked for by POST is asked again from the page it stood on."""
    if request.method == "GET":
        return request.get_full_path()
    came_from: str = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        return urlsplit(came_from).path
    return reverse("home")
