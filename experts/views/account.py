"""What stands beside the library's account pages: tokens of programs, and single sign-ins."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from experts.forms.people import TokenForm
from experts.queries import tokens_of
from experts.rules import person_of
from experts.services.sessions import end_session
from experts.services.tokens import create_token, revoke_token
from lib.http import page, signed_in


@page(access=signed_in)
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens of one's programs; a new one shows its secret this once."""
    person = person_of(request)
    form = TokenForm(request.POST or None)
    made = secret = None
    if request.method == "POST" and form.is_valid():
        made, secret = create_token(
            person=person, name=form.cleaned_data["name"], days=int(form.cleaned_data["days"])
        )
        form = TokenForm()
    context = {"form": form, "tokens": tokens_of(person), "made": made, "secret": secret}
    return render(request, "experts/tokens.html", context)


@page(access=signed_in)
@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one token."""
    revoke_token(person=person_of(request), pk=pk)
    messages.success(request, "The token has ended. Whatever used it is refused from now on.")
    return redirect("people:tokens")


@page(access=signed_in)
@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out one browser."""
    end_session(person=person_of(request), pk=pk)
    messages.success(request, "That browser is signed out.")
    return redirect("usersessions_list")
