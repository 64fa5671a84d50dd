"""Where refusals become answers, and where a page declares who may see it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler

from lib.errors import DomainError, Invalid, NotAllowed, NotFound, NotSignedIn

Params = ParamSpec("Params")
View = Callable[Concatenate[HttpRequest, Params], HttpResponseBase]


class Access(Protocol):
    """Decides for one request: None lets it pass, a text is the reason why not."""

    def __call__(self, request: HttpRequest, /) -> str | None: ...


def public(request: HttpRequest, /) -> str | None:
    """Anybody, signed in or not."""
    return None


def signed_in(request: HttpRequest, /) -> str | None:
    """Any person who has signed in (the decorator sends others to sign in)."""
    return None


def administrators(request: HttpRequest, /) -> str | None:
    """People who look after the whole installation."""
    return None if request.user.is_superuser else "Only an administrator may open this page."


def page(*, access: Access) -> Callable[[View[Params]], View[Params]]:
    """Declare who may open a view. Every URL carries this declaration; a test walks them all."""

    def decorate(view: View[Params]) -> View[Params]:
        @wraps(view)
        def guarded(
            request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs
        ) -> HttpResponseBase:
            if access is not public and not request.user.is_authenticated:
                return _sign_in_first(request)
            reason = access(request)
            if reason is not None:
                raise NotAllowed(reason)
            return view(request, *args, **kwargs)

        guarded.access = access  # type: ignore[attr-defined]
        return guarded

    return decorate


def typed_in(request: HttpRequest) -> str:
    """The longest text of a form, to give it back when the form was not taken."""
    typed = [str(value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"]
    return max(typed, key=len, default="")


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """A page leads to the sign-in; a script that asked for JSON is told, so that its page can stay; who
    sent a form gets back what they typed, and after signing in the page it stood on."""
    if request.accepts("text/html"):
        if request.method != "POST":
            return redirect_to_login(request.get_full_path())
        page = urlsplit(request.headers.get("Referer", "")).path or "/"
        context = {"kept_text": typed_in(request), "next": page}
        return render(request, "401.html", context, status=401)
    said = {"code": "signed_out", "message": "You are signed out.", "advice": "Sign in to go on."}
    return JsonResponse(said, status=401)


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer a refusal in the shape that was asked for: JSON, fragment or page."""
    if request.accepts("text/html"):
        fragment = "refused.html#notice" if getattr(request, "htmx", None) else "refused.html"
        return render(request, fragment, {"error": error}, status=error.http_status)
    return JsonResponse(error.as_dict(), status=error.http_status)


class DomainErrorMiddleware:
    """Turns a DomainError raised by a view into an answer that says what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refusal(request, exception) if isinstance(exception, DomainError) else None


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal in one shape, ours and REST framework's: `code`, `message`, `advice`."""
    if isinstance(error, DomainError):
        return Response(error.as_dict(), status=error.http_status)
    response = exception_handler(error, context)
    if response is not None:
        refused = _as_ours(error, response)
        response.data, response.status_code = refused.as_dict(), refused.http_status
    return response


def _as_ours(error: Exception, response: Response) -> DomainError:
    """Say what REST framework refused in our words; what we have none for keeps its own."""
    if isinstance(error, ValidationError):
        return Invalid(advice="See `fields`.", fields=error.detail)
    match response.status_code:
        case 401:
            return NotSignedIn(str(error))
        case 403:
            return NotAllowed()
        case 404:
            return NotFound()
    other = DomainError(str(error))
    other.code, other.http_status = getattr(error, "default_code", "refused"), response.status_code
    return other


class ByAge(CursorPagination):
    """Pages of the REST interface by a cursor over the key, so that page 10,000 costs what page 1 does."""

    ordering = "id"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000
