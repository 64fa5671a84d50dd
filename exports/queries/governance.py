"""Consent, withdrawal and retention."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Max, QuerySet

from annotation.enums import TaskState
from experts.models import User
from exports.models import Alternative, Dataset, PairConsent, Record, Withdrawal

# SQL over exports_alternative `other`: whether its author had allowed it by the word numbered `word`.
MAY_TRAVEL = """coalesce((
  SELECT word.allowed FROM exports_pairconsent word
  JOIN annotation_revision wrote ON wrote.author_id = word.person_id
  WHERE wrote.id = other.revision_id AND word.id <= %(word)s ORDER BY word.id DESC LIMIT 1), false)"""


def pairs_allowed_by(person: User) -> bool:
    """Whether the person's newest word on preference pairs is a yes."""
    word = person.pair_consents.order_by("-pk").first()
    return bool(word and word.allowed)


def words_on_pairs(person: User) -> QuerySet[PairConsent]:
    """What the person said on preference pairs, newest first."""
    return PairConsent.objects.filter(person=person)


def earlier_texts_of(person: User) -> int:
    """How many texts of theirs stand beside approved ones."""
    return Alternative.objects.filter(revision__author=person).count()


def pair_texts(dataset: Dataset) -> dict[str, int]:
    """Earlier texts beside the data set's records: how many there are, and how many may travel."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*), count(*) FILTER (WHERE {MAY_TRAVEL})
            FROM exports_alternative other JOIN exports_record record ON record.id = other.record_id
            WHERE record.project_id = ANY(%(projects)s)
            """,
            {
                "word": newest_word(),
                "projects": list(dataset.projects.values_list("pk", flat=True)),
            },
        )
        found, allowed = cursor.fetchone()
    return {"found": found, "allowed": allowed}


def newest_word() -> int:
    """The number of the last word that anybody gave on preference pairs; 0 before the first."""
    return PairConsent.objects.aggregate(last=Max("pk"))["last"] or 0


def withdrawals() -> QuerySet[Withdrawal]:
    """Every tombstone, newest first."""
    return Withdrawal.objects.select_related("project", "by")


def retention_ahead() -> list[dict[str, Any]]:
    """Dates on which approved records leave by their terms: {project, until, records}, soonest first."""
    rows: Any = (
        Record.objects.filter(retention_until__isnull=False, task__state=TaskState.APPROVED)
        .values(project_name=F("project__name"), until=F("retention_until"))
        .annotate(n=Count("record_id", distinct=True))
        .order_by("until", "project_name")
    )
    return list(rows[:50])


def withdrawal_of(record_id: UUID) -> Withdrawal | None:
    """The tombstone of a record, if it has one."""
    return Withdrawal.objects.filter(record_id=record_id).first()
