"""The reviews behind a figure, by the query string that the figure carries; and that query string in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from experts.models import User
from review.enums import Verdict
from review.figures import criterion_labels, reviews_in
from review.models import Review
from review.stages import PIPELINE


def rows_for(projects: Sequence[int], wanted: Mapping[str, str]) -> QuerySet[Review]:
    """The reviews behind a figure; `wanted` is what its query string says."""
    rows = reviews_in(projects).select_related(
        "reviewer", "task__instruction", "task__project", "seat"
    )
    if stage := wanted.get("stage"):
        rows = rows.filter(stage=stage)
    if (reviewer := wanted.get("reviewer", "")).isdecimal():
        rows = rows.filter(reviewer=int(reviewer))
    if (besides := wanted.get("besides", "")).isdecimal():
        rows = rows.exclude(reviewer=int(besides))
    if (since := _day(wanted.get("since", ""))) is not None:
        rows = rows.filter(created_at__gte=since)
    if (verdict := wanted.get("verdict", "")) in Verdict.values:
        rows = rows.filter(verdict=verdict)
    if criterion := wanted.get("criterion"):
        rows = _marked(rows, criterion)
    if (start := _day(wanted.get("week", ""))) is not None:
        rows = rows.filter(created_at__gte=start, created_at__lt=start + timedelta(weeks=1))
    if not wanted.get("double"):
        return rows.order_by("-id")
    # What was judged by several people stands together.
    return rows.filter(revision__in=_judged_twice(projects, wanted)).order_by("-revision_id", "-id")


def _marked(rows: QuerySet[Review], criterion: str) -> QuerySet[Review]:
    """Those that marked a criterion: what one reviewer left open is compared with nothing."""
    mark = KeyTransform("mark", KeyTransform(criterion, "criteria"))
    return rows.annotate(mark=mark).filter(mark__isnull=False)


def _judged_twice(projects: Sequence[int], wanted: Mapping[str, str]) -> QuerySet[Review, Any]:
    units = reviews_in(projects)
    if stage := wanted.get("stage"):
        units = units.filter(stage=stage)
    if criterion := wanted.get("criterion"):
        units = _marked(units, criterion)
    told = "mark" if wanted.get("criterion") else "verdict"
    twice = units.order_by().values("revision").annotate(judged=Count("id")).filter(judged__gt=1)
    if wanted.get("differ"):
        differing = twice.annotate(said=Count(told, distinct=True)).filter(said__gt=1)
        return differing.values("revision")
    return twice.values("revision")


def _day(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


def words_for(projects: Sequence[int], wanted: Mapping[str, str]) -> list[str]:
    """Which reviews `rows_for` gives, in words, for who comes from a figure."""
    people = {
        name: User.objects.filter(pk=int(key)).first()
        for name in ("reviewer", "besides")
        if (key := wanted.get(name, "")).isdecimal()
    }
    stage = next((each for each in PIPELINE if each.slug == wanted.get("stage")), None)
    labels = criterion_labels(stage.slug, projects) if stage else {}
    criterion, verdict = wanted.get("criterion", ""), wanted.get("verdict", "")
    week, since = _day(wanted.get("week", "")), _day(wanted.get("since", ""))
    said = [
        stage.title if stage else "",
        f"by {people['reviewer']}" if people.get("reviewer") else "",
        f"by everybody but {people['besides']}" if people.get("besides") else "",
        str(Verdict(verdict).label) if verdict in Verdict.values else "",
        f"week from {week:%-d %b %Y}" if week else "",
        f"since {since:%-d %b %Y}" if since else "",
        "responses that two or more people judged" if wanted.get("double") else "",
        "where they differ" if wanted.get("double") and wanted.get("differ") else "",
        f"marked on “{labels.get(criterion, criterion)}”" if criterion else "",
    ]
    return [each for each in said if each]
