"""Data sets and who sees them."""

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery

from experts.enums import Role
from experts.models import User
from experts.queries import projects_held_by
from exports.errors import NoSuchDataset
from exports.models import Dataset, Record, Release
from exports.queries.releases import UP_TO_DATE
from exports.queries.selecting import AXES, counts_by


def dataset_named(slug: str) -> Dataset:
    """The data set; raises NoSuchDataset."""
    found = Dataset.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Dataset.objects.values_list("slug", flat=True)[:10])
        raise NoSuchDataset(
            f"There is no dataset “{slug}”.",
            advice=f"Known datasets: {known}." if known else "Make one under Datasets first.",
        )
    return found


def datasets_seen_by(person: User) -> QuerySet[Dataset]:
    """Data sets a person may look at: all for administrators, else those of their projects."""
    found = Dataset.objects.all()
    if not person.is_superuser:
        found = found.filter(
            projects__in=projects_held_by(person, Role.LEAD, Role.OBSERVER)
        ).distinct()
    return found


def placed_domains(dataset: Dataset) -> list[tuple[str, str, int]]:
    """(domain, split, records) of everything that has a place in the data set."""
    split = dataset.places.filter(record_id=OuterRef("record_id")).values("split")[:1]
    newest = ~Exists(
        Record.objects.filter(record_id=OuterRef("record_id"), number__gt=OuterRef("number"))
    )
    placed = Record.objects.filter(
        newest, record_id__in=dataset.places.values("record_id")
    ).annotate(side=Subquery(split))
    rows = placed.order_by().values("domain", "side").annotate(n=Count("pk"))
    return [(row["domain"], row["side"], row["n"]) for row in rows]


def values_taken(dataset: Dataset) -> dict[str, list[str]]:
    """{column: values in order} of the frozen records of the data set's projects, for each of AXES, their policy
    category and their licence."""
    found = Record.objects.filter(project__in=dataset.projects.all())
    counts = counts_by(found, [*AXES, "policy_category", "licence"])
    return {column: [value for value in counts[column] if value] for column in counts}


def datasets_with_newest(person: User) -> list[Dataset]:
    """Data sets that a person may see, each with `newest`, its newest published release or None."""
    shown = list(datasets_seen_by(person).prefetch_related("projects"))
    found: dict[int, Release] = {}
    published = Release.objects.filter(dataset__in=shown, state__in=UP_TO_DATE)
    for release in published.order_by("major", "minor", "patch"):
        found[release.dataset_id] = release
    for dataset in shown:
        dataset.newest = found.get(dataset.pk)  # type: ignore[attr-defined]
    return shown
