"""Run checks over a project's backlog: dry, to see what would change, or to keep the findings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from annotation.known import ref_of_task, scope_of
from annotation.models import Finding, Task
from annotation.services.run_checks import findings_for
from audit.services import record
from checks import format_spec as specs
from checks.registry import CHECKS, by_id
from corpus.models import CheckRun
from experts.enums import Role
from experts.models import Project, User
from experts.rules import hold_role
from lib.errors import Invalid
from lib.jobs import enqueue_on_commit

CHUNK = 100
# So many jobs may begin at one place and not get on; then the run has stopped.
TRIES = 3
_EXAMPLES = 200
# Longer than a job of a vanished worker takes to come back by itself.
_QUIET = timedelta(minutes=35)


@transaction.atomic
def start_check_run(
    *,
    project: Project,
    actor: User,
    checks: Sequence[str],
    format_spec: Mapping[str, Any],
    keep: bool = False,
) -> CheckRun:
    """Begin a run over the current response of every task; raises Invalid for an unusable spec."""
    unknown = set(checks) - {check.id for check in CHECKS}
    problems = specs.validate(dict(format_spec))
    if unknown or problems or not checks:
        raise Invalid(
            "The run cannot start.",
            advice=" ".join([*problems, *(f"There is no check {c}." for c in sorted(unknown))])
            or "Choose one check or more.",
        )
    made = CheckRun.objects.create(
        scope=scope_of(project.pk),
        checks=list(checks),
        format_spec=dict(format_spec),
        keep=keep,
        started_by=actor,
        total=backlog(project.pk).count(),
    )
    record(
        verb="annotation.checks_run",
        actor=actor,
        target=made,
        project_id=project.pk,
        checks=list(checks),
        keep=keep,
    )
    enqueue_on_commit("annotation.tasks.run_checks", run_id=made.pk)
    return made


def backlog(project_id: int) -> models.QuerySet[Task]:
    """Tasks of a project that hold a response."""
    return Task.objects.filter(project=project_id, current_revision__isnull=False).order_by("pk")


def advance_check_run(*, run_id: int) -> bool:
    """Look at the next chunk; returns whether there is more. A repeated job goes on where it was.

    A run whose jobs fail or are killed at the same place again and again is stopped there.
    """
    return _begin(run_id) and _next_chunk(run_id)


@transaction.atomic
def _begin(run_id: int) -> bool:
    """Count a job before its work, so that one which takes its worker down counts too."""
    made = CheckRun.objects.select_for_update().get(pk=run_id)
    if not made.under_way:
        return False
    made.moved_at = timezone.now()
    if made.tries < TRIES:
        made.tries += 1
        made.state = CheckRun.RUNNING
    else:
        made.state, made.finished_at = CheckRun.FAILED, made.moved_at
        record(
            verb="annotation.checks_stopped",
            target=made,
            project_id=_project_of(made),
            done=made.done,
            total=made.total,
        )
    made.save(update_fields=["tries", "state", "moved_at", "finished_at"])
    return made.under_way


@transaction.atomic
def _next_chunk(run_id: int) -> bool:
    made = CheckRun.objects.select_for_update().get(pk=run_id)
    if not made.under_way:
        return False
    chunk = list(
        backlog(_project_of(made))
        .filter(pk__gt=made.reached)
        .select_related("instruction", "project", "current_revision__project_version")[:CHUNK]
    )
    for task in chunk:
        _look(made, task)
    made.reached = chunk[-1].pk if chunk else made.reached
    made.done += len(chunk)
    more = len(chunk) == CHUNK
    made.tries, made.moved_at = 0, timezone.now()
    made.state = CheckRun.RUNNING if more else CheckRun.DONE
    made.finished_at = None if more else timezone.now()
    made.save()
    return more


def _project_of(made: CheckRun) -> int:
    return int(made.scope.partition(":")[2])


@transaction.atomic
def start_again(*, project: Project, actor: User, run_id: int) -> CheckRun:
    """Go on with a run that stopped, from the place where it did. One that is under way, or done, is left alone."""
    hold_role.require(actor, project, Role.LEAD)
    made = CheckRun.objects.select_for_update().get(pk=run_id, scope=scope_of(project.pk))
    if made.state != CheckRun.FAILED:
        return made
    made.state, made.tries, made.finished_at = CheckRun.WAITING, 0, None
    made.moved_at = timezone.now()
    made.save(update_fields=["state", "tries", "moved_at", "finished_at"])
    record(verb="annotation.checks_started_again", actor=actor, target=made, project_id=project.pk)
    enqueue_on_commit("annotation.tasks.run_checks", run_id=made.pk)
    return made


def left_check_runs() -> list[int]:
    """Runs that are under way and have not moved for a while: their job was lost."""
    quiet = CheckRun.objects.filter(
        state__in=[CheckRun.WAITING, CheckRun.RUNNING], moved_at__lt=timezone.now() - _QUIET
    )
    return list(quiet.order_by("pk").values_list("pk", flat=True))


def _look(made: CheckRun, task: Task) -> None:
    revision = task.current_revision
    if revision is None:
        return
    version = revision.project_version
    version.format_spec = made.format_spec
    now = findings_for(
        instruction=task.instruction,
        target=revision.target,
        project_version=version,
        coverage=revision.coverage,
        sources=revision.sources,
        task=task,
        checks=[by_id(check) for check in made.checks],
    )
    before = list(revision.findings.filter(check_id__in=made.checks).order_by("pk"))
    _compare(made, ref_of_task(task.pk), before, now)
    if made.keep:
        known = {_key(finding) for finding in before}
        fresh = [finding for finding in now if _key(finding) not in known]
        for finding in fresh:
            finding.revision = revision
        Finding.objects.bulk_create(fresh)


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.check_id, finding.message, str(finding.where.get("start"))


def _compare(made: CheckRun, ref: str, before: list[Finding], now: list[Finding]) -> None:
    was, is_now = {f.check_id for f in before}, {f.check_id for f in now}
    messages = {f.check_id: f.message for f in [*now, *before]}
    for check in sorted(was | is_now):
        counted = Counter(made.counts.get(check, {}))
        change = "appeared" if check not in was else "gone" if check not in is_now else ""
        counted.update({"before": int(check in was), "after": int(check in is_now)})
        counted.update({"appeared": int(change == "appeared"), "gone": int(change == "gone")})
        made.counts[check] = dict(counted)
        if change and len(made.examples) < _EXAMPLES:
            made.examples.append(
                {"ref": ref, "check": check, "change": change, "message": messages[check]}
            )
