"""Days by which responses are wanted.

A lead names a day, not a moment. `Task.due_at` keeps the moment at which that day is over everywhere on earth, so
whoever hands in on that day by their own clock is in time; on a page it is the same day for everybody.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

from django.db.models import Q
from django.utils.timezone import now

from annotation.enums import TaskState

# The last place in which a day ends lies twelve hours behind UTC.
_LAST_ZONE = timezone(timedelta(hours=-12))
# Nothing more is wanted of these.
FINISHED = (TaskState.APPROVED, TaskState.REJECTED, TaskState.WITHDRAWN)
SOON = timedelta(days=7)


def end_of(day: date) -> datetime:
    """The moment at which `day` is over everywhere."""
    return datetime.combine(day + timedelta(days=1), time.min, _LAST_ZONE).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The day that is over at `moment`."""
    return (moment - timedelta(microseconds=1)).astimezone(_LAST_ZONE).date()


def in_words(day: date) -> str:
    """A day as sentences say it: 31 January 2027."""
    return f"{day.day} {day:%B %Y}"


def today() -> date:
    """The earliest day that is not over everywhere."""
    return now().astimezone(_LAST_ZONE).date()


def days_left(moment: datetime) -> int:
    """Whole days until the day that is over at `moment`, where it comes last; negative when it is over."""
    return (day_of(moment) - today()).days


def is_overdue(due_at: datetime | None, state: str) -> bool:
    """Whether the day of a task is over and something is still wanted of it; `due_in("overdue")` for one task."""
    return due_at is not None and due_at < now() and state not in FINISHED


def due_in(word: str) -> Q:
    """Tasks by what is said of their day: `overdue`, `soon`, `any` (they have one) or `none`."""
    moment, unfinished = now(), ~Q(state__in=FINISHED)
    if word == "overdue":
        return unfinished & Q(due_at__lt=moment)
    if word == "soon":
        return unfinished & Q(due_at__gte=moment, due_at__lt=moment + SOON)
    return Q(due_at__isnull=word == "none")
