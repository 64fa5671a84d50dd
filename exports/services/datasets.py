"""Make and change data sets."""

import re
import secrets
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from audit.services import record
from experts.models import Project, User
from exports.errors import BadName, NoWeight
from exports.formats import FORMATS
from exports.models import Dataset
from exports.models.dataset import NAME, default_shares
from exports.queries import AXES
from exports.selection import Member, Selection
from lib.errors import Conflict, Invalid

RESERVED = frozenset({"new", "withdrawals", "tokenizers", "earlier-texts", "reviews"})
"""Names that the pages use themselves."""
EDITABLE = (
    "title",
    "description",
    "selection",
    "mixture",
    "shares",
    "coverage_targets",
    "preference_pairs",
    "formats",
    "pinned_checks",
    "licence",
    "attribution",
    "contact",
)


@transaction.atomic
def create_dataset(
    *,
    slug: str,
    title: str,
    project: Project | None = None,
    projects: Iterable[Project] = (),
    created_by: User | None = None,
    **settings: Any,
) -> Dataset:
    """A new data set over one project or several; `settings` are any of EDITABLE.

    Raises BadName for a slug that could be a path, Conflict for one that is taken, and what
    `checked_settings` raises.
    """
    if not re.match(NAME, slug) or slug in RESERVED:
        raise BadName(f"“{slug}” cannot be the name of a dataset.", advice=BadName.message)
    if Dataset.objects.filter(slug=slug).exists():
        raise Conflict(f"There is a dataset “{slug}” already.", advice="Choose another name.")
    dataset = Dataset.objects.create(
        slug=slug,
        title=title or slug,
        salt=secrets.token_hex(16),
        created_by=created_by,
        **checked_settings(settings),
    )
    dataset.projects.set([*projects, *([project] if project else [])])
    record(verb="exports.dataset_created", actor=created_by, target=dataset, slug=slug)
    return dataset


@transaction.atomic
def edit_dataset(
    *, dataset: Dataset, person: User, projects: Iterable[Project] | None = None, **settings: Any
) -> Dataset:
    """Change what the next release will hold; releases that exist stay as they are."""
    locked = Dataset.objects.select_for_update().get(pk=dataset.pk)
    for name, value in checked_settings(settings).items():
        setattr(locked, name, value)
    locked.save()
    if projects is not None:
        locked.projects.set(projects)
    record(verb="exports.dataset_edited", actor=person, target=locked, fields=sorted(settings))
    return locked


def checked_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings if they hold; raises BadSelection, NoWeight or Invalid in plain words."""
    if strange := sorted(set(settings) - set(EDITABLE)):
        message = f"a dataset has no setting {strange[0]}"
        raise TypeError(message)
    if "selection" in settings:
        settings["selection"] = Selection.read(settings["selection"]).as_dict()
    for raw in settings.get("mixture", []):
        member = Member.read(raw)
        if not 0 < member.weight < float("inf"):
            raise NoWeight(
                f"The weight of “{member.name}” is {member.weight:g}.", advice=NoWeight.message
            )
        if member.cap is not None and member.cap < 1:
            raise Invalid(f"The cap of “{member.name}” must be at least 1, or empty for none.")
    if strange := sorted(set(settings.get("formats", [])) - {entry.slug for entry in FORMATS}):
        raise Invalid(f"There is no training format “{strange[0]}”.")
    for axis, wanted in settings.get("coverage_targets", {}).items():
        if axis not in AXES or not all(isinstance(n, int) and n > 0 for n in wanted.values()):
            raise Invalid("A coverage target is a number of records above zero for one slice.")
    if "shares" in settings:
        settings["shares"] = _checked_shares(settings["shares"])
    return settings


def _checked_shares(shares: dict[str, Any]) -> dict[str, float]:
    known = default_shares()
    if strange := sorted(set(shares) - set(known)):
        raise Invalid(f"There is no split “{strange[0]}”.")
    found = {name: float(shares.get(name) or 0) for name in known}
    if any(not 0 <= share <= 1 for share in found.values()) or abs(sum(found.values()) - 1) > 1e-6:
        raise Invalid("The shares of the splits must be between 0 and 1 and add up to 1.")
    if not found["train"]:
        raise Invalid("The training part needs a share above zero.")
    return found
