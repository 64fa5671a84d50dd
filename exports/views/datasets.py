"""All datasets, and a new one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from experts.rules import person_of
from exports import queries
from exports.forms import DatasetForm
from exports.services.datasets import create_dataset
from exports.views.access import readers
from lib.errors import DomainError
from lib.http import administrators, page


@page(access=readers)
def datasets(request: HttpRequest) -> HttpResponse:
    """Every dataset this person may see, with its newest release."""
    shown = queries.datasets_with_newest(person_of(request))
    return render(request, "exports/datasets.html", {"datasets": shown})


@page(access=administrators)
def new_dataset(request: HttpRequest) -> HttpResponse:
    """Name a dataset and choose its projects."""
    form = DatasetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_dataset(created_by=person_of(request), **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, f"{error.message} {error.advice}")
        else:
            messages.success(request, f"“{made.title}” is ready. Look at what it would hold.")
            return redirect("datasets:dataset", slug=made.slug)
    status = 422 if form.errors else 200
    return render(request, "exports/new_dataset.html", {"form": form}, status=status)
