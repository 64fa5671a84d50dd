"""The ledger: accepted work and active time, with statements and CSV."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date

from experts.enums import Role
from experts.forms.people import RateForm
from experts.ledger import Line, lines_of, totals_of
from experts.models import Rate, User
from experts.queries import projects_held_by
from experts.rules import people_with, person_of, see_person
from experts.services.rates import set_rate
from experts.sources import Period
from lib.errors import Invalid
from lib.http import page, signed_in

SHOWN = 500
_PARTS = ("project", "work", "currency")


class BadPeriod(Invalid):
    """The days of a statement do not make sense."""

    code = "bad_period"


def _period(request: HttpRequest, person: User | None, projects: tuple[int, ...] | None) -> Period:
    """Days of `?since=…&until=…` (both included), this month when nothing is asked for."""
    today = timezone.now().date()
    try:
        since = parse_date(request.GET.get("since", "")) or today.replace(day=1)
        until = parse_date(request.GET.get("until", "")) or today
    except ValueError as problem:
        raise BadPeriod("There is no such day.", advice="Write days as 2026-01-31.") from problem
    if until < since:
        raise BadPeriod("The period ends before it begins.", advice="Swap the two days.")
    return Period(person, projects, since, until + timedelta(days=1))


@page(access=signed_in)
def ledger(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """One person's statement. Leads see the projects they lead, the person sees all."""
    viewer = person_of(request)
    person = get_object_or_404(User, pseudonym=pseudonym)
    see_person.require(viewer, person)
    everything = viewer.pk == person.pk or viewer.is_superuser
    projects = (
        None
        if everything
        else tuple(projects_held_by(viewer, Role.LEAD).values_list("pk", flat=True))
    )
    return _statement(request, _period(request, person, projects), {"person": person})


@page(access=people_with(Role.LEAD))
def everybody(request: HttpRequest) -> HttpResponse:
    """The statement of all people in the projects one leads; agree on rates."""
    actor = person_of(request)
    form = RateForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        set_rate(actor=actor, **form.cleaned_data)
        messages.success(request, "The rate is agreed.")
        return redirect("people:ledgers")
    projects = tuple(projects_held_by(actor, Role.LEAD).values_list("pk", flat=True))
    rates = Rate.objects.filter(project__in=projects).select_related("project")
    return _statement(
        request, _period(request, None, projects), {"person": None, "form": form, "rates": rates}
    )


def _statement(request: HttpRequest, period: Period, more: dict[str, Any]) -> HttpResponse:
    lines = lines_of(period)
    if "csv" in request.GET:
        return _csv(lines, period)
    listed = list(lines)
    totals = totals_of(listed)
    asked = {name: request.GET[name] for name in _PARTS if name in request.GET}
    listed = [line for line in listed if _belongs(line, asked)]
    context = {
        "narrowed": bool(asked),
        "lines": listed[:SHOWN],
        "more": max(0, len(listed) - SHOWN),
        "totals": totals,
        "since": period.since,
        "until": period.until - timedelta(days=1),
        **more,
    }
    return render(request, "experts/ledger.html", context)


def _belongs(line: Line, asked: dict[str, str]) -> bool:
    """Whether a line is one of those that a total counts: its project, kind of work and currency ("" for none)."""
    has = {
        "project": line.work.project.slug,
        "work": line.kind,
        "currency": line.rate.currency if line.rate else "",
    }
    return all(has[name] == value for name, value in asked.items())


class _Echo:
    """A file that hands back what is written, for streaming."""

    def write(self, text: str) -> str:
        return text


def _csv(lines: Iterable[Line], period: Period) -> HttpResponse:
    writer = csv.writer(_Echo())

    def rows() -> Iterator[str]:
        columns = [
            "day",
            "pseudonym",
            "project",
            "work",
            "reference",
            "title",
            "quantity",
            "rate",
            "currency",
            "amount",
        ]
        yield writer.writerow(columns)
        for line in lines:
            yield writer.writerow(_row(line))

    response = StreamingHttpResponse(rows(), content_type="text/csv; charset=utf-8")
    name = f"ledger-{period.since}-{period.until - timedelta(days=1)}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response  # type: ignore[return-value]  # streams like any other answer


def _row(line: Line) -> list[object]:
    day: date = line.work.at.date()
    rate = line.rate
    return [
        day.isoformat(),
        line.work.person.pseudonym,
        line.work.project.slug,
        line.kind,
        line.work.reference,
        _inert(line.work.what),
        line.quantity,
        rate.amount if rate else "",
        rate.currency if rate else "",
        line.amount if line.amount is not None else "",
    ]


def _inert(text: str) -> str:
    """A title that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
