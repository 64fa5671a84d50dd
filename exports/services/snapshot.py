"""The facts of a release, taken once when it is cut, so that its papers never depend on later rows."""

from dataclasses import asdict
from typing import Any

from django.conf import settings

from annotation.models import ProjectVersion
from exports import diffs, queries
from exports.enums import Reason, ReleaseState
from exports.holds import kept_likenesses
from exports.models import Release

EXPORTER = {"name": "firsthand", "version": "1"}


def snapshot(release: Release, changed: dict[str, dict[str, int]]) -> dict[str, Any]:
    """Everything the papers and the manifest tell, as plain data. `changed`: what differs by domain."""
    dataset, previous = release.dataset, release.previous
    changes = diffs.total(changed)
    told_by = _project_versions(release)
    return {
        **queries.figures(release),
        "dataset": dataset.slug,
        "title": dataset.title,
        "description": dataset.description,
        "licence": dataset.licence,
        "attribution": dataset.attribution,
        "contact": dataset.contact,
        "url": f"{settings.SITE_URL.rstrip('/')}/datasets/{dataset.slug}/",
        "version": release.version,
        "previous": _previous(previous),
        "cut_on": release.cut_at.date().isoformat(),
        "shape": release.shape,
        "preference_pairs": dataset.preference_pairs,
        "pair_word": queries.newest_word(),
        "formats": dataset.formats,
        "pinned_checks": dataset.pinned_checks,
        "selection": dataset.selection,
        "mixture": dataset.mixture,
        "shares": dataset.shares,
        "projects": _projects(told_by),
        "limitations": _limitations(told_by),
        "waivers": queries.waivers(release),
        "kept_likenesses": kept_likenesses(release),
        "changes": asdict(changes),
        "changes_by_domain": changed,
        "removed": (
            diffs.removed_reasons(previous, release) if previous and changes.removed else {}
        ),
        "history": _history(release),
    }


def _previous(previous: Release | None) -> dict[str, str] | None:
    if previous is None:
        return None
    return {"version": previous.version, "manifest_sha256": previous.manifest_sha256}


def _project_versions(release: Release) -> list[tuple[ProjectVersion, int]]:
    """The terms under which the records were written, by project and number, with how many each."""
    counts = {int(pk): records for pk, records in release.tally["project_version"].items()}
    found = ProjectVersion.objects.select_related("project").filter(pk__in=counts)
    return [(each, counts[each.pk]) for each in found.order_by("project__slug", "number")]


def _projects(versions: list[tuple[ProjectVersion, int]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for version, records in versions:
        project = version.project
        entry = found.setdefault(
            project.slug, {"slug": project.slug, "name": project.name, "records": 0, "versions": []}
        )
        entry["records"] += records
        entry["versions"].append(version.number)
    return list(found.values())


def _limitations(versions: list[tuple[ProjectVersion, int]]) -> list[str]:
    return sorted({str(each) for v, _ in versions for each in v.rights.get("limitations") or []})


def _history(release: Release) -> list[dict[str, Any]]:
    """Earlier versions as their own snapshots tell them, newest first."""
    return [
        {
            "version": earlier.version,
            "cut_on": earlier.snapshot["cut_on"],
            "changes": earlier.snapshot["changes"],
            "removed": earlier.snapshot["removed"],
            "withdrawn": (
                str(Reason(earlier.withdrawn_reason).label).lower()
                if earlier.state == ReleaseState.WITHDRAWN
                else ""
            ),
        }
        for earlier in queries.published_releases(release.dataset)
    ]
