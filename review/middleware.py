"""Nobody who depends on a verdict waits for its undo time."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from review.services.give_verdict import settle_for, settle_own

# Where the outcome of reviews is looked at or used by others than the reviewer.
READ = ("/write/", "/projects/", "/datasets/", "/api/")
USED = ("/datasets/", "/api/")
LEAVING = "/accounts/logout/"


class SettleVerdicts:
    """Records pending verdicts before they are looked at: the author's on the writing pages, a project's
    for those who follow it, and a reviewer's own when they sign out. Otherwise the clock records them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        looks = request.path.startswith(READ if request.method == "GET" else USED)
        leaves = request.path == LEAVING and request.method == "POST"
        if (looks or leaves) and request.user.is_authenticated:
            (settle_for if looks else settle_own)(request.user)
        return self.get_response(request)
