"""Calibration items: made by a lead, mixed in among a reviewer's work, judged as everything else is."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation.models import ProjectVersion
from annotation.project_settings import setting
from annotation.queries import current_version
from annotation.repair import is_form_only
from audit.services import record
from experts.enums import Role
from experts.models import Domain, Project, User
from experts.queries import open_domains, projects_of
from experts.rules import hold_role, require_at_work
from lib.errors import Invalid
from review.anchors import selected
from review.calibration import MENDED, caught_flaws, plain, response_in
from review.enums import StageSlug, Verdict
from review.errors import AlreadyDecided, NotYourSeat, RepairRefused, UndoTooLate
from review.judgement import Judgement, completed, judgement_from, placed, source_ids
from review.models import CalibrationItem, CalibrationResult, CalibrationSitting, Review
from review.rubric import Rubric, rubric_of
from review.services.comment import remark_in
from review.services.repair import require_change
from review.stages import PIPELINE, by_slug


@transaction.atomic
def add_calibration_item(
    *,
    person: User,
    project: Project,
    stage: str,
    domain: Domain,
    title: str,
    content: Mapping[str, Any],
    flaws: Sequence[Mapping[str, Any]],
) -> CalibrationItem:
    """A new item. Each flaw names a criterion of the stage and, unless something is missing, a passage."""
    hold_role.require(person, project, Role.LEAD)
    require_at_work(project.pk)
    text = str(content.get("response") or "")
    if not text.strip() or not content.get("messages"):
        raise Invalid("A calibration item needs an instruction and a response.")
    known = {criterion.id for criterion in _rubric(stage, current_version(project)).criteria}
    for flaw in flaws:
        _check_flaw(flaw, text, known)
    item = CalibrationItem.objects.create(
        project=project,
        domain=domain,
        stage=stage,
        title=title.strip()[:160] or "Untitled",
        content=dict(content),
        flaws=[dict(flaw) for flaw in flaws],
        created_by=person,
    )
    record(verb="review.calibration_added", actor=person, target=item, project_id=project.pk)
    return item


@transaction.atomic
def withdraw_calibration_item(*, person: User, item_id: int) -> CalibrationItem:
    """Give an item to nobody any more; what came of it stays."""
    item = CalibrationItem.objects.select_for_update().get(pk=item_id)
    hold_role.require(person, item.project, Role.LEAD)
    item.withdrawn_at = item.withdrawn_at or timezone.now()
    item.save(update_fields=["withdrawn_at"])
    record(
        verb="review.calibration_withdrawn", actor=person, target=item, project_id=item.project_id
    )
    return item


def next_sitting(*, person: User) -> CalibrationSitting | None:
    """The calibration item this person has before them, or a new one when its turn has come."""
    settle_sittings(person=person)
    held = CalibrationSitting.objects.filter(
        reviewer=person, decided_at=None, settles_at=None
    ).first()
    if held is not None:
        return held
    item = _item_for(person)
    if item is None:
        return None
    try:
        with transaction.atomic():
            sitting = CalibrationSitting.objects.create(item=item, reviewer=person)
            _record("review.seat_taken", sitting, stage=item.stage)
            return sitting
    except IntegrityError:  # the same person asked twice at once
        return CalibrationSitting.objects.filter(
            reviewer=person, decided_at=None, settles_at=None
        ).first()


@transaction.atomic
def decide_sitting(
    *, person: User, sitting_id: int, verdict: Verdict, judgement: Judgement
) -> CalibrationSitting:
    """Decide on a calibration item, with the same rules and the same undo time as anything else."""
    sitting = _lock(person, sitting_id)
    if sitting.decided_at or sitting.settles_at:
        raise AlreadyDecided(kept_text=judgement.note)
    version = current_version(sitting.item.project)
    stage = by_slug(sitting.item.stage)
    content = sitting.item.content
    asked = content.get("requirements") or () if stage.covers_requirements else ()
    complete = completed(
        judgement,
        stage=stage,
        rubric=_rubric(stage.slug, version),
        verdict=verdict,
        requirements=[str(each["id"]) for each in asked],
        sources=source_ids(content.get("sources") or ()) if stage.checks_sources else (),
    )
    now, seconds = timezone.now(), int(setting(version, "undo_seconds"))
    sitting.pending = {
        "verdict": verdict,
        "given_at": now.isoformat(),
        "recorded": placed(complete, response_in(sitting)).as_json(),
        **judgement.as_json(),
    }
    sitting.settles_at = now + timedelta(seconds=seconds)
    sitting.save(update_fields=["pending", "settles_at"])
    return sitting


@transaction.atomic
def undo_sitting(*, person: User, sitting_id: int) -> CalibrationSitting:
    """Take a verdict on a calibration item back."""
    sitting = _lock(person, sitting_id)
    if sitting.decided_at or not sitting.settles_at:
        raise UndoTooLate
    _record("review.verdict_undone", sitting, verdict=sitting.pending["verdict"])
    sitting.draft = {**sitting.draft, **judgement_from(sitting.pending).as_json()}
    sitting.pending, sitting.settles_at = {}, None
    sitting.save(update_fields=["draft", "pending", "settles_at"])
    return sitting


@transaction.atomic
def keep_sitting(*, person: User, sitting_id: int, judgement: Judgement) -> CalibrationSitting:
    """Keep what was typed so far about a calibration item."""
    sitting = _lock_open(person, sitting_id, judgement.note)
    sitting.draft = {**sitting.draft, **judgement.as_json()}
    sitting.save(update_fields=["draft"])
    return sitting


@transaction.atomic
def comment_in_sitting(
    *, person: User, sitting_id: int, body: str, quote: str, suggestion: str | None
) -> CalibrationSitting:
    """A comment on a passage of a calibration item: part of what was caught. Refused as any other is."""
    sitting = _lock_open(person, sitting_id, body)
    anchor = selected(response_in(sitting), quote=quote)
    words = remark_in(body, anchor=anchor, quote=quote, suggestion=suggestion)
    said = {
        "quote": anchor.quote if anchor else "",
        "body": words,
        "suggestion": suggestion,
        "at": timezone.now().isoformat(),
    }
    sitting.draft = {**sitting.draft, "comments": [*sitting.draft.get("comments", []), said]}
    sitting.save(update_fields=["draft"])
    _record("review.comment_made", sitting)
    return sitting


@transaction.atomic
def repair_sitting(*, person: User, sitting_id: int, text: str) -> bool:
    """A repair of a calibration item; whether only its form changed.

    As with any response, an edit that touches the meaning ends the review here: what it took out of the
    text was seen. Raises RepairRefused with the text.
    """
    sitting = _lock(person, sitting_id)
    if sitting.decided_at or sitting.settles_at:
        raise AlreadyDecided(kept_text=text)
    if sitting.item.stage != StageSlug.FORMAT:
        raise RepairRefused("Only the format reviewer repairs the form.", kept_text=text)
    before, after = response_in(sitting), text.replace("\r\n", "\n")
    require_change(before, text)
    limit = setting(current_version(sitting.item.project), "form_repair_limit")
    form_only = is_form_only(plain(before), plain(after), limit=limit)
    made = {"at": timezone.now().isoformat(), "form_only": form_only, "text": after}
    repairs = [*sitting.draft.get("repairs", []), made]
    sitting.draft = {**sitting.draft, "response": after, "repairs": repairs}
    if not form_only:
        quotes = [str(flaw.get("quote") or "") for flaw in sitting.item.flaws]
        seen = [{"quote": quote} for quote in quotes if quote and quote not in after]
        sitting.draft["comments"] = [*sitting.draft.get("comments", []), *seen]
        sitting.pending = {"verdict": Verdict.REQUEST_CHANGES, MENDED: True}
        sitting.settles_at = timezone.now()
    sitting.save(update_fields=["draft", "pending", "settles_at"])
    _record("review.form_repaired", sitting, form_only=form_only)
    return form_only


def settle_sittings(*, person: User | None = None, limit: int = 500) -> int:
    """Append the results of sittings whose undo time is over."""
    due = CalibrationSitting.objects.filter(settles_at__lte=timezone.now(), decided_at=None)
    if person is not None:
        due = due.filter(reviewer=person)
    return sum(_settle(pk) for pk in list(due.values_list("pk", flat=True)[:limit]))


@transaction.atomic
def _settle(sitting_id: int) -> bool:
    sitting = (
        CalibrationSitting.objects.select_for_update(of=("self",))
        .select_related("item")
        .get(pk=sitting_id)
    )
    if sitting.decided_at or not sitting.settles_at:
        return False
    given, item = sitting.pending, sitting.item
    said = judgement_from(given.get("recorded", {}))
    quotes = [str(comment.get("quote") or "") for comment in sitting.draft.get("comments", [])]
    moment = given.get("given_at")
    CalibrationResult.objects.create(
        sitting=sitting,
        item=item,
        reviewer_id=sitting.reviewer_id,
        verdict=given["verdict"],
        criteria=said.criteria,
        note="Mended in the text." if given.get(MENDED) else said.note,
        caught=caught_flaws(
            item.flaws, verdict=given["verdict"], criteria=said.criteria, quotes=quotes
        ),
        created_at=datetime.fromisoformat(moment) if moment else timezone.now(),
    )
    sitting.decided_at, sitting.settles_at = timezone.now(), None
    if not given.get(MENDED):
        sitting.pending = {"verdict": given["verdict"], **said.as_json()}
        _record("review.verdict_given", sitting, stage=item.stage, verdict=given["verdict"])
    sitting.save(update_fields=["decided_at", "settles_at", "pending"])
    return True


def _record(verb: str, sitting: CalibrationSitting, **data: Any) -> None:
    """The event that a review would leave: people may see their own events. What it is about says which it was."""
    record(
        verb=verb,
        actor=sitting.reviewer,
        target=sitting,
        project_id=sitting.item.project_id,
        **data,
    )


def _lock(person: User, sitting_id: int) -> CalibrationSitting:
    sitting = (
        CalibrationSitting.objects.select_for_update(of=("self",))
        .select_related("item__project")
        .filter(pk=sitting_id, reviewer=person)
        .first()
    )
    if sitting is None:
        raise NotYourSeat
    return sitting


def _lock_open(person: User, sitting_id: int, words: str) -> CalibrationSitting:
    """The sitting while something may still be said in it; raises NotYourSeat with what was typed."""
    sitting = _lock(person, sitting_id)
    if sitting.decided_at or sitting.settles_at:
        raise NotYourSeat(kept_text=words)
    return sitting


def _item_for(person: User) -> CalibrationItem | None:
    """An item this person has not seen, when the lot falls on one now."""
    if not CalibrationItem.objects.filter(withdrawn_at=None).exists():
        return None
    for stage in PIPELINE:
        items = (
            CalibrationItem.objects.filter(
                stage=stage.slug, withdrawn_at=None, project__in=projects_of(person, stage.role)
            )
            .exclude(sittings__reviewer=person)
            .exclude(created_by=person)
            .exclude(sittings__questions__to=person)
        )
        if stage.needs_credential:
            items = items.filter(domain__in=open_domains(person))
        item = items.select_related("project").order_by("id").first()
        if item is not None and _turn_has_come(person, current_version(item.project)):
            return item
    return None


def _turn_has_come(person: User, version: ProjectVersion) -> bool:
    one_in, after = (
        int(setting(version, name)) for name in ("calibration_one_in", "calibration_after")
    )
    if one_in <= 0 or secrets.randbelow(one_in):
        return False
    return Review.objects.filter(reviewer=person)[:after].count() >= after


def _rubric(stage: str, version: ProjectVersion) -> Rubric:
    return rubric_of(by_slug(stage), rubrics=version.rubrics, project_version=version.number)


def _check_flaw(flaw: Mapping[str, Any], text: str, known: set[str]) -> None:
    if flaw.get("criterion") not in known:
        raise Invalid(f"“{flaw.get('criterion')}” is no criterion of this stage.")
    quote = str(flaw.get("quote") or "")
    if quote and quote not in text:
        raise Invalid(
            f"The passage “{quote[:80]}” is not in the response.", advice="Copy its words exactly."
        )
    if not str(flaw.get("words") or "").strip():
        raise Invalid("Say in a few words what each flaw is.")
