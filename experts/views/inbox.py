"""What is new for a person, and how they hear of it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from experts.forms.people import ChoicesForm
from experts.rules import person_of
from experts.services.notify import choose_delivery, mark_read
from lib.htmx import respond
from lib.http import page, signed_in


@page(access=signed_in)
def inbox(request: HttpRequest) -> HttpResponse:
    """All notifications, newest first. Looking at them marks nothing as read."""
    shown = Paginator(person_of(request).notifications.all(), 50).get_page(request.GET.get("page"))
    unread = person_of(request).notifications.filter(read_at=None).count()
    return respond(
        request, "experts/inbox.html", {"shown": shown, "unread": unread}, fragment="rows"
    )


@page(access=signed_in)
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark one line or all as read; go where the line leads."""
    pk = request.POST.get("notification", "")
    line = mark_read(person=person_of(request), notification_id=int(pk) if pk.isdigit() else None)
    return redirect(line.url if line and line.url else "people:inbox")


@page(access=signed_in)
def choices(request: HttpRequest) -> HttpResponse:
    """At once, once a day or only on the page, per kind."""
    person = person_of(request)
    chosen = dict(person.notification_choices.values_list("kind", "delivery"))
    form = ChoicesForm(request.POST or None, chosen=chosen)
    if request.method == "POST" and form.is_valid():
        choose_delivery(person=person, choices=form.cleaned_data)
        messages.success(request, "Your choice is kept.")
        return redirect("people:inbox")
    return render(request, "experts/notification_choices.html", {"form": form})
