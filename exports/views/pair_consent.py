"""One's own word on texts that were not approved: whether they may travel in preference pairs."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from experts.rules import person_of
from exports import queries
from exports.services.pair_consent import say_of_pairs
from lib.http import page, signed_in


@page(access=signed_in)
def pair_consent(request: HttpRequest) -> HttpResponse:
    """What it means, what was said before, and the two answers."""
    person = person_of(request)
    if request.method == "POST":
        allowed = request.POST.get("allowed") == "yes"
        say_of_pairs(person=person, allowed=allowed)
        messages.success(
            request,
            "Your earlier texts may travel in preference pairs from now on."
            if allowed
            else "Your earlier texts stay here. Releases cut from now on hold none of them.",
        )
        return redirect("datasets:pair-consent")
    context = {
        "allowed": queries.pairs_allowed_by(person),
        "words": queries.words_on_pairs(person),
        "texts": queries.earlier_texts_of(person),
    }
    return render(request, "exports/pair_consent.html", context)
