"""Running checks over a subject: stable order, bounded time, one bad check never stops the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from checks.types import Check, Finding, Severity, Subject, with_severity

# A pass over a 400-word answer takes some tens of milliseconds; the limit is for the rare text
# that is a thousand times as long.
SECONDS = 10.0
# Findings of one check shown for one text; the rest are counted in a last one.
MOST_FINDINGS = 50


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one check took on one subject."""

    check: str
    seconds: float


def run(
    subject: Subject,
    checks: Sequence[Check] | None = None,
    *,
    seconds: float = SECONDS,
    timings: Callable[[Timing], None] | None = None,
) -> list[Finding]:
    """All findings of the checks about a subject, in the order of the checks and of the text.

    The spec's ``severity`` section turns a check off or sets how its findings act. A check that
    fails, or that time runs out for, is itself reported as an ``info`` finding.
    """
    if checks is None:
        from checks.registry import CHECKS  # slow import: the catalog is loaded when first used  # noqa: PLC0415

        checks = CHECKS
    wanted = subject.section("severity")
    started = time.monotonic()
    findings: list[Finding] = []
    for check in checks:
        asked = wanted.get(check.id)
        if asked == "off":
            continue
        began = time.monotonic()
        if began - started > seconds:
            findings.append(_not_run(check, "The text is too long to finish this check in time."))
            continue
        found = _one(check, subject)
        if asked in set(Severity):
            found = [with_severity(f, Severity(asked)) for f in found]
        findings += found
        if timings:
            timings(Timing(check.id, time.monotonic() - began))
    return findings


def _one(check: Check, subject: Subject) -> list[Finding]:
    try:
        found = list(_limited(check, subject))
    except Exception as error:  # noqa: BLE001 - a fault in one check must not hide the others
        return [_not_run(check, f"This check could not finish ({type(error).__name__}).")]
    return sorted(found, key=_order)


def _limited(check: Check, subject: Subject) -> Iterable[Finding]:
    if not check.applies(subject):
        return
    for count, finding in enumerate(check(subject)):
        if count == MOST_FINDINGS:
            yield replace(
                finding,
                message=f"There are more than {MOST_FINDINGS} findings of this kind.",
                where=replace(finding.where, start=None, end=None),
                data={},
            )
            return
        yield finding


def _order(finding: Finding) -> tuple[str, int, int, int]:
    where = finding.where
    part = {"instruction": "a", "evidence": "b"}.get(where.part, "c")
    return (part, where.message or 0, where.start or 0, finding.severity.rank)


def _not_run(check: Check, message: str) -> Finding:
    return Finding(
        check.id,
        check.version,
        Severity.INFO,
        message,
        "Look at this point yourself.",
        data={"not_run": True},
    )


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop a submission."""
    return [f for f in findings if f.severity is Severity.ERROR]


def needing_reasons(findings: Iterable[Finding]) -> list[Finding]:
    """Those that the author must answer."""
    return [f for f in findings if f.severity is Severity.WARNING]
