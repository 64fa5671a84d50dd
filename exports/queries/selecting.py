"""Which records a data set takes, which it leaves out and why, and what is like what."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db import connection
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.functions import MD5, Cast, Concat, RowNumber
from django.utils import timezone

from annotation.enums import TaskState
from annotation.known import INSTRUCTION, TASK, scope_of
from annotation.models import Finding, Task
from corpus.queries import held_refs
from exports.enums import Exclusion, Split
from exports.models import Dataset, Record, Unfit, Withdrawal
from exports.selection import Member, Selection
from review.enums import Use

# The slices that counts, cards and coverage are told by.
AXES = ("domain", "language", "difficulty", "task_type", "quality_class", "kind")
SELECTED_FILTERS = (*AXES, "below", "member")
_ALIKE = """
WITH pair AS (
  SELECT split_part(first, ':', 1) AS what,
         split_part(first, ':', 2)::bigint AS one, split_part(second, ':', 2)::bigint AS other
  FROM corpus_pair WHERE scope = ANY(%(scopes)s)
)
SELECT DISTINCT one.group_key, other.group_key
FROM pair JOIN exports_record one ON one.task_id = pair.one
JOIN exports_record other ON other.task_id = pair.other
WHERE pair.what = %(task)s AND one.group_key <> other.group_key
UNION
SELECT DISTINCT one.group_key, other.group_key
FROM pair JOIN annotation_task asked_one ON asked_one.instruction_id = pair.one
JOIN annotation_task asked_other ON asked_other.instruction_id = pair.other
JOIN exports_record one ON one.task_id = asked_one.id
JOIN exports_record other ON other.task_id = asked_other.id
WHERE pair.what = %(asked)s AND one.group_key <> other.group_key
ORDER BY 1, 2
"""


def candidates(dataset: Dataset) -> QuerySet[Record]:
    """Every record of the data set's projects in its newest revision, each with why it is left out.

    `exclusion` is empty where the record belongs in; `member` is the number of its mixture slice.
    """
    selection = Selection.read(dataset.selection)
    members = [Member.read(raw) for raw in dataset.mixture]
    newest = ~Exists(
        Record.objects.filter(record_id=OuterRef("record_id"), number__gt=OuterRef("number"))
    )
    found = (
        Record.objects.filter(newest, project__in=dataset.projects.all())
        .alias(
            task_ref=ref_in(TASK, "task_id"), asked_ref=ref_in(INSTRUCTION, "task__instruction_id")
        )
        .annotate(exclusion=_exclusion(dataset, selection), member=_member(members))
        .annotate(split_weight=_weight(members))
    )
    return _capped(found, members)


def ref_in(kind: str, column: str) -> Concat:
    """The name under which the corpus knows the text behind a column."""
    return Concat(Value(f"{kind}:"), Cast(column, CharField()))


def _held(dataset: Dataset) -> Q:
    """The condition on what the corpus holds: looked up once for a query, not once for a record."""
    held = held_refs(scopes_of(dataset))
    return Q(task_ref__in=held) | Q(asked_ref__in=held)


def scopes_of(dataset: Dataset) -> list[str]:
    """Where the corpus keeps the texts of the data set's projects."""
    return [scope_of(pk) for pk in dataset.projects.order_by("pk").values_list("pk", flat=True)]


def _exclusion(dataset: Dataset, selection: Selection) -> Case:
    gone = Exists(Withdrawal.objects.filter(record_id=OuterRef("record_id")))
    rules = [
        (Q(retention_until__lt=timezone.now().date()), Exclusion.RETENTION),
        (gone | ~Q(task__state=TaskState.APPROVED), Exclusion.WITHDRAWN),
        (Q(use=Use.HELD_BACK), Exclusion.HELD_BACK),
        (~selection.scope() if selection.scope() else None, Exclusion.NOT_SELECTED),
        (~selection.quality(), Exclusion.QUALITY),
        (~selection.rights() if selection.rights() else None, Exclusion.RIGHTS),
        (_too_long(selection), Exclusion.TOO_LONG),
        (_held(dataset), Exclusion.HELD),
        (_checked_otherwise(dataset), Exclusion.CHECKS),
        (_held_out(dataset), Exclusion.HELD_OUT),
    ]
    whens = [When(rule, then=Value(reason.value)) for rule, reason in rules if rule is not None]
    return Case(*whens, default=Value(""), output_field=CharField())


def _too_long(selection: Selection) -> Q | None:
    return Q(characters__gt=selection.most_characters) if selection.most_characters else None


def _checked_otherwise(dataset: Dataset) -> Q | None:
    pinned = dataset.pinned_checks
    return ~Q(checks__contains=pinned) if pinned else None


def _held_out(dataset: Dataset) -> Q | None:
    if not dataset.shares.get(Split.HELD_OUT):
        return None
    places = dataset.places.filter(split=Split.HELD_OUT, record_id=OuterRef("record_id"))
    return Q(Exists(places))


def _member(members: list[Member]) -> Case:
    whens = [
        When(member.where.everything() or Q(pk__isnull=False), then=Value(place))
        for place, member in enumerate(members)
    ]
    return Case(*whens, default=Value(-1), output_field=IntegerField())


def _weight(members: list[Member]) -> Case:
    whens = [When(member=place, then=Value(m.weight)) for place, m in enumerate(members)]
    return Case(*whens, default=Value(1.0))


def _capped(found: QuerySet[Record], members: list[Member]) -> QuerySet[Record]:
    """Beyond a member's cap the records with the largest digests are left out: stable and unbiased."""
    caps = [(place, member.cap) for place, member in enumerate(members) if member.cap is not None]
    if not caps:
        return found
    order = MD5(Concat(Cast("record_id", CharField()), Value("cap")))
    above = Q(pk__isnull=True)
    for place, cap in caps:
        above |= Q(member=place, rank__gt=cap)
    # Looked up apart: what counts and groups the records must not have a window in it.
    fitting: Any = found
    over = (
        fitting.filter(exclusion="")
        .annotate(rank=Window(RowNumber(), partition_by=[F("member")], order_by=order))
        .filter(above)
    )
    capped = Case(
        When(pk__in=over.values("pk"), then=Value(Exclusion.CAP.value)),
        default=F("exclusion"),
        output_field=CharField(),
    )
    return found.annotate(capped=capped)


def exclusion_field(dataset: Dataset) -> str:
    """The name under which `candidates` tells the final reason."""
    return (
        "capped"
        if any(raw.get("cap") not in (None, "") for raw in dataset.mixture)
        else "exclusion"
    )


def selected(dataset: Dataset) -> QuerySet[Record]:
    """The records that the next release would carry, held-out ones included."""
    return candidates(dataset).filter(**{exclusion_field(dataset): ""})


def selected_among(dataset: Dataset, asked: Mapping[str, str]) -> QuerySet[Record]:
    """The selected records behind one figure (SELECTED_FILTERS), newest first: of slices, of a domain and all
    `below` it, of a `member` of the mixture by its place."""
    numbers = [asked[name] for name in ("difficulty", "member") if name in asked]
    if not all(number.removeprefix("-").isdecimal() and len(number) < 9 for number in numbers):
        return Record.objects.none()
    found: Any = selected(dataset).filter(**{axis: asked[axis] for axis in AXES if axis in asked})
    if "member" in asked:
        found = found.filter(member=int(asked["member"]))
    if "below" in asked:
        wanted = asked["below"]
        found = found.filter(Q(domain=wanted) | Q(domain__startswith=f"{wanted}."))
    rows: QuerySet[Record] = found.select_related("task__instruction", "project", "author")
    return rows.order_by("-pk")


def excluded(dataset: Dataset, reason: str = "") -> QuerySet[Record]:
    """Approved records that are left out, for one reason or for any, newest first."""
    field = exclusion_field(dataset)
    found = candidates(dataset).exclude(**{field: ""}).annotate(reason=F(field))
    if reason:
        found = found.filter(reason=reason)
    return found.select_related("task__instruction", "project").order_by("-pk")


def alike_groups(dataset: Dataset) -> list[tuple[str, str]]:
    """Pairs of groups that hold texts which the corpus found to be alike, whatever was decided of them."""
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, {"scopes": scopes_of(dataset), "task": TASK, "asked": INSTRUCTION})
        return [(one, other) for one, other in cursor.fetchall()]


def unfit_revisions(dataset: Dataset) -> QuerySet[Unfit]:
    """Approved revisions that cannot be written as records, with the reason."""
    return Unfit.objects.filter(
        project__in=dataset.projects.all(), revision__task__state=TaskState.APPROVED
    ).select_related("revision__task__instruction", "project")


def unfrozen() -> QuerySet[Task]:
    """Approved tasks whose response is no record yet and was not found unfit for one."""
    of_it = {"revision": OuterRef("current_revision")}
    frozen = Exists(Record.objects.filter(**of_it))
    unfit = Exists(Unfit.objects.filter(**of_it))
    return Task.objects.filter(~frozen, ~unfit, state=TaskState.APPROVED)


def waiting(dataset: Dataset) -> QuerySet[Task]:
    """Approved tasks that become records with the next build."""
    return unfrozen().filter(project__in=dataset.projects.all())


def counts_by(records: QuerySet[Any], columns: Sequence[str]) -> dict[str, dict[str, int]]:
    """{column: {value: records}}, values in order: however many columns, the records are read once."""
    inner, parameters = records.order_by().values(*columns).query.sql_with_params()
    names = [f"c{number}" for number in range(len(columns))]
    listed, sets = ", ".join(names), ", ".join(f"({name})" for name in names)
    found: dict[str, dict[str, int]] = {column: {} for column in columns}
    with connection.cursor() as cursor:
        # grouping() has one bit a column, the first the highest: 0 for the one that a row is counted by.
        cursor.execute(
            f"SELECT grouping({listed}), count(*), {listed} FROM ({inner}) AS counted({listed})"
            f" GROUP BY GROUPING SETS ({sets}) ORDER BY {listed}",
            parameters,
        )
        for others, number, *values in cursor.fetchall():
            place = next(n for n in range(len(columns)) if not others >> (len(columns) - 1 - n) & 1)
            found[columns[place]][str(values[place])] = number
    return found


def checks_report(dataset: Dataset) -> list[dict[str, Any]]:
    """Each check with how many selected records it passed, and what it noted or was let stand in the rest."""
    records: Any = selected(dataset).order_by()
    chosen = records.values("pk")
    looked: Counter[str] = Counter()
    # As text: values of jsonb are sorted a dozen times slower.
    as_text = records.annotate(checked=Cast("checks", TextField()))
    for checked, number in counts_by(as_text, ["checked"])["checked"].items():
        looked.update(dict.fromkeys(orjson.loads(checked), number))
    rows: Any = (
        Finding.objects.filter(revision__record__in=chosen)
        .values("check_id")
        .annotate(
            records=Count("revision", distinct=True),
            noted=Count("pk", filter=Q(severity="info")),
            waived=Count("pk", filter=Q(severity="warning")),
        )
        .order_by("check_id")
    )
    found = {row["check_id"]: row for row in rows}
    nothing = {"records": 0, "noted": 0, "waived": 0}
    return [
        {
            **found.get(check, nothing),
            "check_id": check,
            "passed": max(0, looked[check] - found.get(check, nothing)["records"]),
        }
        for check in sorted({*looked, *found})
    ]
