"""Edit one's own page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from experts.forms.people import ProfileForm
from experts.rules import person_of
from experts.services.people import change_profile
from lib.http import page, signed_in


@page(access=signed_in)
def profile(request: HttpRequest) -> HttpResponse:
    """Name, languages, assistive input."""
    person = person_of(request)
    initial = {
        "name": person.name,
        "languages": ", ".join(person.languages),
        "assistive_input": person.assistive_input,
    }
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        change_profile(person=person, **form.cleaned_data)
        messages.success(request, "Your page is changed.")
        return redirect("people:me")
    return render(
        request, "experts/form_page.html", {"form": form, "title": "My page", "verb": "Save"}
    )
