"""Who opens which page, and the two look-ups that every page begins with."""

from django.http import HttpRequest

from experts.enums import Role
from experts.rules import people_with, person_of
from exports import queries
from exports.errors import NoSuchDataset, NoSuchRelease
from exports.models import Dataset, Release

readers = people_with(Role.LEAD, Role.OBSERVER)


def dataset_for(request: HttpRequest, slug: str) -> Dataset:
    """The dataset, if this person may see it."""
    found = queries.datasets_seen_by(person_of(request)).filter(slug=slug).first()
    if found is None:
        raise NoSuchDataset(f"There is no dataset “{slug}” that you may see.")
    return found


def release_for(request: HttpRequest, slug: str, pk: int) -> Release:
    """The release; unpublished ones are for administrators alone."""
    dataset = dataset_for(request, slug)
    found = dataset.releases.filter(pk=pk).select_related("dataset", "previous").first()
    hidden = found and found.state not in queries.UP_TO_DATE and not person_of(request).is_superuser
    if found is None or hidden:
        raise NoSuchRelease("This dataset has no such release.")
    return found
