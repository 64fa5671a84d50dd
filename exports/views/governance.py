"""Withdraw records and contributors' consent; see what was withdrawn."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from experts.models import User
from experts.rules import person_of
from exports import queries
from exports.forms import TombstoneForm
from exports.services.withdraw import withdraw_contributor, withdraw_record
from lib.errors import DomainError, NotFound
from lib.http import administrators, page


@page(access=administrators)
def governance(request: HttpRequest) -> HttpResponse:
    """The form, and the list of tombstones."""
    form = TombstoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            level, told = _withdraw(person_of(request), form)
        except DomainError as error:
            form.add_error(None, f"{error.message} {error.advice}")
        else:
            messages.add_message(request, level, told)
            return redirect("datasets:governance")
    shown = Paginator(queries.withdrawals(), 50).get_page(request.GET.get("page"))
    context = {"form": form, "shown": shown, "ending": queries.retention_ahead()}
    return render(request, "exports/governance.html", context, status=422 if form.errors else 200)


def _withdraw(person: User, form: TombstoneForm) -> tuple[int, str]:
    """What was done, in words, and how they are shown."""
    given = form.cleaned_data
    if given["record"]:
        withdraw_record(
            record_id=given["record"], person=person, reason=given["reason"], note=given["note"]
        )
        return messages.SUCCESS, "The record is withdrawn. The next releases leave it out."
    contributor = User.objects.filter(pseudonym=given["contributor"]).first()
    if contributor is None:
        raise NotFound(f"Nobody has the pseudonym “{given['contributor']}”.")
    count = withdraw_contributor(
        contributor=contributor, person=person, reason=given["reason"], note=given["note"]
    )
    if not count:
        told = f"No approved record of {contributor.pseudonym} was left to withdraw."
        return messages.WARNING, told
    if count == 1:
        return messages.SUCCESS, "1 record is withdrawn. The next releases leave it out."
    return messages.SUCCESS, f"{count} records are withdrawn. The next releases leave them out."
