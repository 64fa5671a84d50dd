"""The facts of a release, taken once when it is cut, so that its papers never depend on later rows."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Max, Min

from exports import diffs, queries
from exports.enums import Reason, ReleaseState
from exports.holds import kept_likenesses
from exports.models import Release
from exports.versions import Changes

EXPORTER = {"name": "firsthand", "version": "1"}


def snapshot(release: Release, changes: Changes) -> dict[str, Any]:
    """Everything the papers and the manifest tell, as plain data."""
    dataset, previous = release.dataset, release.previous
    span = release.pins.aggregate(
        first=Min("record__approved_at__date"), last=Max("record__approved_at__date")
    )
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
        "approved_first": span["first"].isoformat(),
        "approved_last": span["last"].isoformat(),
        "shape": release.shape,
        "preference_pairs": dataset.preference_pairs,
        "pair_word": queries.newest_word(),
        "formats": dataset.formats,
        "pinned_checks": dataset.pinned_checks,
        "checks": queries.check_versions(release),
        "selection": dataset.selection,
        "mixture": dataset.mixture,
        "shares": dataset.shares,
        "projects": _projects(release),
        "limitations": _limitations(release),
        "waivers": queries.waivers(release),
        "kept_likenesses": kept_likenesses(release),
        "changes": asdict(changes),
        "changes_by_domain": diffs.by_domain(previous, release),
        "removed": diffs.removed_reasons(previous, release) if previous else {},
        "history": _history(release),
    }


def _previous(previous: Release | None) -> dict[str, str] | None:
    if previous is None:
        return None
    return {"version": previous.version, "manifest_sha256": previous.manifest_sha256}


def _projects(release: Release) -> list[dict[str, Any]]:
    version = F("record__revision__project_version__number")
    rows = (
        release.pins.order_by()
        .values(slug=F("record__project__slug"), name=F("record__project__name"), version=version)
        .annotate(n=Count("pk"))
        .order_by("slug", "version")
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry = found.setdefault(
            row["slug"], {"slug": row["slug"], "name": row["name"], "records": 0, "versions": []}
        )
        entry["records"] += row["n"]
        entry["versions"].append(row["version"])
    return list(found.values())


def _limitations(release: Release) -> list[str]:
    rights = release.pins.order_by().values_list(
        "record__revision__project_version__rights__limitations", flat=True
    )
    return sorted({str(limit) for limits in rights.distinct() for limit in limits or []})


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
