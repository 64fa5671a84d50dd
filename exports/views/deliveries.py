"""Send a release to a store."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from experts.rules import person_of
from exports.services.delivery import start_delivery
from exports.views.access import release_for
from lib.http import administrators, page


@require_POST
@page(access=administrators)
def deliver(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Begin a delivery; its state stands on the release's page."""
    start_delivery(
        release=release_for(request, slug, pk),
        person=person_of(request),
        kind=request.POST.get("kind", ""),
        destination=request.POST.get("destination", ""),
    )
    messages.success(request, "The release is on its way. Reload this page to see how far it is.")
    return redirect("datasets:release", slug=slug, pk=pk)
