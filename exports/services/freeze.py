"""Approved revisions become records: once, in bulk, never changed afterwards."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Prefetch, QuerySet

from annotation.enums import Severity, TaskState
from annotation.models import Finding, ProjectVersion, Revision, Task
from experts.models import Credential, Project
from experts.queries import consent_reference
from exports import control, freezing, queries, records
from exports.models import Alternative, Record, Spelling, Unfit
from exports.pairs import alternative_of
from lib.jobs import enqueue_on_commit
from lib.machine import Move
from review.enums import StageSlug, Use, Verdict
from review.models import Review

BATCH = 500
_OUTCOMES = {Severity.ERROR: "failed", Severity.WARNING: "waived", Severity.INFO: "noted"}


def follow_move(task: Task, move: Move) -> None:
    """Have what was just approved frozen soon, so that pages count it; a build freezes the rest itself."""
    if move.target == TaskState.APPROVED:
        enqueue_on_commit("exports.tasks.freeze_task", task_id=task.pk)


def freeze_task(*, task_id: int) -> int:
    """Freeze one task, if it is approved and has no record yet; returns 1 if it became one."""
    return _freeze_batch([task_id])


def freeze_records(*, projects: Iterable[Project] | None = None) -> int:
    """Freeze every approved revision that has no record yet; returns how many became records.

    Safe to repeat and to run twice at once: a revision has at most one record. One that cannot be
    written as a record is noted with the reason and shown among the exclusions.
    """
    waiting = queries.unfrozen()
    if projects is not None:
        waiting = waiting.filter(project__in=list(projects))
    made = 0
    keys = waiting.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=10_000)
    while batch := list(islice(keys, BATCH)):
        made += _freeze_batch(batch)
    return made


@dataclass(frozen=True)
class _Frozen:
    """A record to be written, and what is kept beside it."""

    record: Record
    alternatives: list[Alternative]
    spelled: list[str]
    """What its texts spell in the shape of a control token."""


@transaction.atomic
def _freeze_batch(keys: list[int]) -> int:
    frozen: list[_Frozen] = []
    unfit: list[Unfit] = []
    for work in map(_Work.of, _approved(keys)):
        data, kept, faults = _data(work)
        if faults:
            reason = "; ".join(faults)
            unfit.append(Unfit(revision=work.revision, project=work.task.project, reason=reason))
        else:
            row = _row(work, data, kept)
            frozen.append(_Frozen(row, _alternatives(work), control.spelled(data)))
    Unfit.objects.bulk_create(unfit, ignore_conflicts=True)
    _insert([each.record for each in frozen])
    _keep_beside(frozen)
    return len(frozen)


def _insert(rows: list[Record]) -> None:
    """Write the rows by COPY, which leaves long texts alone; a revision keeps the record it has."""
    fields = [f for f in Record._meta.concrete_fields if not f.primary_key]  # noqa: SLF001
    names = ", ".join(str(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE fresh_records ON COMMIT DROP AS "
            f"SELECT {names} FROM exports_record WITH NO DATA"
        )
        with cursor.copy(f"COPY fresh_records ({names}) FROM STDIN") as copy:
            for row in rows:
                values = ((field, getattr(row, field.attname)) for field in fields)
                copy.write_row(
                    [field.get_db_prep_save(value, connection) for field, value in values]
                )
        cursor.execute(
            f"INSERT INTO exports_record ({names}) SELECT {names} FROM fresh_records "
            f"ORDER BY task_id ON CONFLICT DO NOTHING"
        )
        cursor.execute("DROP TABLE fresh_records")


def _keep_beside(frozen: list[_Frozen]) -> None:
    """Attach what stands beside records by their keys, which COPY does not hand back."""
    wanted = {one.record.revision_id: one for one in frozen if one.alternatives or one.spelled}
    keys = Record.objects.filter(revision__in=wanted).values_list("revision_id", "pk")
    alternatives, spellings = [], []
    for revision_id, pk in keys:
        for alternative in wanted[revision_id].alternatives:
            alternative.record_id = pk
            alternatives.append(alternative)
        spellings += [Spelling(record_id=pk, token=t) for t in wanted[revision_id].spelled]
    Alternative.objects.bulk_create(alternatives, ignore_conflicts=True)
    Spelling.objects.bulk_create(spellings, ignore_conflicts=True)


def _approved(keys: list[int]) -> QuerySet[Task]:
    """The tasks with all that their records tell.

    The lock keeps a withdrawal from slipping in between reading and writing. People, credentials
    and versions of a project are prefetched, not joined: few of them stand behind many tasks.
    """
    versions = ProjectVersion.objects.only("number", "rights", "format_spec")
    return (
        Task.objects.filter(
            pk__in=keys, state=TaskState.APPROVED, current_revision__record__isnull=True
        )
        .select_related("instruction")
        .prefetch_related(
            "domain",
            "project",
            Prefetch(
                "revisions",
                Revision.objects.order_by("number").prefetch_related(
                    Prefetch("findings", Finding.objects.order_by("id")),
                    Prefetch("project_version", versions),
                    "credential__domains",
                    "author__acceptances__agreement",
                ),
            ),
            Prefetch(
                "reviews",
                Review.objects.exclude(verdict=Verdict.RECUSE)
                .order_by("id")
                .prefetch_related(
                    "reviewer", Prefetch("project_version", versions), "credential__domains"
                ),
            ),
        )
        .order_by("pk")
        .select_for_update(of=("self",))
    )


@dataclass(frozen=True)
class _Work:
    """A task with its work, taken out of the prefetched relations once."""

    task: Task
    revision: Revision
    """The approved one."""
    revisions: list[Revision]
    reviews: list[Review]
    findings: list[Finding]
    """Of the approved revision."""

    @classmethod
    def of(cls, task: Task) -> "_Work":
        revisions = list(task.revisions.all())
        revision = next(r for r in revisions if r.pk == task.current_revision_id)
        return cls(
            task, revision, revisions, list(task.reviews.all()), list(revision.findings.all())
        )

    def reviews_of(self, revision: Revision) -> list[Review]:
        return [review for review in self.reviews if review.revision_id == revision.pk]


def _data(work: _Work) -> tuple[dict[str, Any], bytes, list[str]]:
    """The record's data without what a release decides, its bytes, and why it does not hold, if so."""
    try:
        data = freezing.completed(_parts(work))
        kept = records.frozen(data)
        read = orjson.loads(kept)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return {}, b"", [f"The stored response has an unexpected shape ({error})."]
    controls = {"split": "train", "mixture": [], "sample_weight": 1}
    return data, kept, records.faults(read | {"training": read["training"] | controls})


def _parts(work: _Work) -> dict[str, Any]:
    task, revision, instruction = work.task, work.revision, work.task.instruction
    rights = {**revision.project_version.rights, **instruction.rights}
    return {
        "record_id": str(task.key),
        "revision": revision.number,
        "task": _task(task),
        "messages": freezing.conversation(
            instruction.messages, revision.target, revision.author.pseudonym
        ),
        "tools": [freezing.tool(tool) for tool in instruction.tools],
        "attachments": [freezing.attachment(a) for a in instruction.attachments],
        "environment": {"evidence": instruction.evidence},
        "target": freezing.target(
            revision.target,
            instruction.target_schema,
            freezing.target_start(instruction.messages, revision.target),
        ),
        "alternatives": [],
        "provenance": _provenance(task, revision),
        "verification": _verification(work),
        "training": {"truncation": "never"},
        "governance": _governance(rights) | _consent(revision),
    }


def _task(task: Task) -> dict[str, Any]:
    instruction = task.instruction
    return {
        "domain": task.domain.path,
        "type": instruction.task_type or "general",
        "language": task.language,
        "difficulty": task.difficulty,
        "tags": [str(tag) for tag in instruction.tags],
        "requirements": instruction.requirements,
    }


def _provenance(task: Task, revision: Revision) -> dict[str, Any]:
    instruction = task.instruction
    return {
        "origin": "human",
        "writer_ref": revision.author.pseudonym,
        "qualification": _qualification(revision.credential),
        "assistance": "none",
        "attestation": revision.attestation,
        "sources": revision.sources,
        "created_at": freezing.moment(revision.submitted_at),
        "instruction": {
            "key": str(instruction.key),
            "version": instruction.version,
            "external_id": instruction.external_id,
            "source": instruction.source,
        },
        "project": {"slug": task.project.slug, "version": revision.project_version.number},
        "writing_log": {
            "complete": revision.log_complete,
            "batches": revision.log_sequence,
            "head": bytes(revision.log_head).hex(),
            **revision.log_summary,
        },
    }


def _qualification(credential: Credential | None) -> dict[str, Any]:
    if credential is None:
        return {}
    return {
        "kind": credential.kind,
        "domains": sorted(domain.path for domain in credential.domains.all()),
        "jurisdiction": credential.jurisdiction,
        "verified_on": credential.verified_at.date().isoformat() if credential.verified_at else "",
    }


def _verification(work: _Work) -> dict[str, Any]:
    numbers = {revision.pk: revision.number for revision in work.revisions}
    return {
        "status": "approved",
        "approved_at": freezing.moment(work.task.state_since),
        "quality_class": _quality(work),
        "reviews": [_review(review, numbers[review.revision_id]) for review in work.reviews],
        "checks": _checks(work),
        "coverage": work.revision.coverage,
        "tests": [],
    }


def _review(review: Review, revision: int) -> dict[str, Any]:
    shown = {
        "reviewer_ref": review.reviewer.pseudonym,
        "stage": review.stage,
        "verdict": review.verdict,
        "rubric": review.project_version.number,
        "revision": revision,
        # Marks alone: the words of a reviewer may quote a draft that was not approved.
        "criteria": {
            name: mark.get("mark", "") if isinstance(mark, dict) else mark
            for name, mark in review.criteria.items()
        },
        "at": freezing.moment(review.created_at),
    }
    # Which of the author's sources this reviewer looked up, and what they found.
    sources = {name: found.get("mark", "") for name, found in review.sources.items()}
    qualification = _qualification(review.credential)
    optional = {"sources": sources, "qualification": qualification}
    return shown | {name: value for name, value in optional.items() if value}


def _checks(work: _Work) -> list[dict[str, Any]]:
    """What each check of the project found, in the order of the list; those that found nothing passed."""
    from checks.registry import CHECKS  # noqa: PLC0415  (slow import)

    severities = work.revision.project_version.format_spec.get("severity") or {}
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in work.findings:
        found[finding.check_id].append(finding)
    listed = []
    for check in CHECKS:
        if check.id in found:
            listed += [_check(finding) for finding in found.pop(check.id)]
        elif severities.get(check.id) != "off":
            listed.append({"check": check.id, "version": str(check.version), "outcome": "passed"})
    return listed + [_check(finding) for findings in found.values() for finding in findings]


def _check(finding: Finding) -> dict[str, Any]:
    shown = {
        "check": finding.check_id,
        "version": finding.check_version,
        "outcome": _OUTCOMES[Severity(finding.severity)],
    }
    return shown | ({"reason": finding.reason} if finding.reason else {})


def _quality(work: _Work) -> str:
    reviews = work.reviews_of(work.revision)
    given = [review.quality_class for review in reviews if review.quality_class]
    return freezing.quality_class(
        given[-1] if given else "",
        adjudicated=any(review.stage == StageSlug.ADJUDICATION for review in work.reviews),
        waived=any(finding.severity == Severity.WARNING for finding in work.findings),
    )


def _use(work: _Work) -> str:
    """The narrowest use that any approving reviewer of this revision set."""
    given = {review.use for review in work.reviews_of(work.revision)}
    return next(
        use
        for use in (Use.HELD_BACK, Use.EVALUATION, Use.TRAIN)
        if use in given or use == Use.TRAIN
    )


def _governance(rights: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "licence": str(rights.get("licence", "other")),
        "terms_version": str(rights.get("terms_version", "1")),
        "sensitivity": str(rights.get("sensitivity", "none")),
        "pii_scan": str(rights.get("pii_scan", "checked at submission")),
        "withdrawn": False,
        "limitations": [str(limit) for limit in rights.get("limitations", [])],
        "rights": rights,
    }
    optional = ("consent_ref", "retention_until", "policy_category", "privacy")
    return shown | {key: str(rights[key]) for key in optional if rights.get(key)}


def _consent(revision: Revision) -> dict[str, str]:
    """What the author had agreed to when they handed this in."""
    reference = consent_reference(revision.author.acceptances.all(), revision.submitted_at)
    return {"consent_ref": reference} if reference else {}


def _row(work: _Work, data: dict[str, Any], kept: bytes) -> Record:
    task, revision, governance = work.task, work.revision, data["governance"]
    messages = data["messages"]
    return Record(
        record_id=task.key,
        number=revision.number,
        revision=revision,
        task=task,
        project=task.project,
        author=revision.author,
        data=kept.decode(),
        content_sha256=data["content_sha256"],
        kind=data["target"]["kind"],
        domain=task.domain.path,
        language=task.language,
        difficulty=task.difficulty,
        task_type=data["task"]["type"],
        quality_class=data["verification"]["quality_class"],
        use=_use(work),
        licence=governance["licence"],
        policy_category=governance.get("policy_category", ""),
        group_key=_group(task),
        approved_at=task.state_since,
        retention_until=_date(governance.get("retention_until")),
        characters=sum(len(p.get("text", "")) for m in messages for p in m["parts"]),
        has_tools=bool(data["tools"]) or any(m.get("tool_calls") for m in messages),
        has_reasoning=any(m.get("reasoning_publishable") for m in messages),
        has_masks=any(_masked(message) for message in messages),
        has_attachments=bool(data["attachments"]),
        checks={each["check"]: each["version"] for each in data["verification"]["checks"]},
    )


def _masked(message: dict[str, Any]) -> bool:
    """Whether the message's share in the loss is not what every trainer does by default."""
    assistant = message["role"] == "assistant"
    return assistant and (not message["train"] or message["weight"] != 1 or "spans" in message)


def _group(task: Task) -> str:
    """What has to stay on one side: the source document or case if named, else the instruction."""
    source = task.instruction.source
    named = next(
        (source[key] for key in ("group", "document", "case", "conversation") if source.get(key)),
        "",
    )
    return f"{task.project_id}:{str(named)[:150]}" if named else str(task.instruction.series)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _alternatives(work: _Work) -> list[Alternative]:
    """Earlier revisions that reviewers sent back, where the pair would teach something."""
    approved = work.revision
    found = []
    for earlier in work.revisions:
        if earlier.number >= approved.number:
            break
        data = alternative_of(
            approved=approved.target,
            earlier=earlier.target,
            verdicts=[(review.verdict, review.criteria) for review in work.reviews_of(earlier)],
            findings=[finding.check_id for finding in (*earlier.findings.all(), *work.findings)],
            start=len(work.task.instruction.messages) + 1,
        )
        if data is not None:
            found.append(Alternative(revision=earlier, data=orjson.dumps(data).decode()))
    return found
