"""Everything one review page shows, gathered once: the seat, its text, its rubric, what was said before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from annotation.enums import IN_WORDS, TargetKind
from annotation.models import Finding, Instruction, ProjectVersion, Revision
from annotation.project_settings import Band, length_band, setting
from annotation.provenance import Batch
from annotation.queries import current_version
from annotation.services.run_checks import as_finding, bare_subject
from annotation.stepping import Steps
from checks.runner import run
from checks.text import count_words
from experts.enums import Role
from experts.models import User
from experts.queries import projects_held_by
from review.anchors import Place, place_of, segments, selected
from review.calibration import MENDED, plain, pseudonym_of, response_in
from review.diff import Part, changed_words, shortened
from review.dispute import Dispute, dispute_over, titles_of
from review.enums import SeatState, StageSlug, Verdict
from review.errors import NotYourSeat
from review.evidence import flags_of
from review.judgement import Judgement, judgement_from, source_ids
from review.models import CalibrationSitting, Comment, Review, Seat
from review.queries import last_review_by
from review.rubric import Rubric, rubric_of
from review.said import Reason, reason_of
from review.stages import Stage, by_slug
from review.stand_in import record_of, summary_of
from review.threads import Line, Thread, threads_of
from review.typed import Typed, typed_in
from review.visibility import Relation, Sight, sight


@dataclass(frozen=True)
class Desk:
    """One review page. `before` is this reviewer's last verdict on an earlier revision, if any, and
    `changes` leads from that revision to this one."""

    seat: Seat
    stage: Stage
    instruction: Instruction
    revision: Revision
    rubric: Rubric
    said: Judgement
    refused: str
    sight: Sight
    before: Review | None
    changes: Sequence[Part]
    findings: Sequence[Finding]
    flags: Sequence[str]
    answer_flags: bool
    dispute: Dispute | None
    pieces: Sequence[tuple[str, list[int]]]
    band: Band | None
    threads: Sequence[Thread]
    is_calibration: bool = False
    record: Sequence[Batch] = ()  # what stands in for an item's writing record

    @property
    def author(self) -> str:
        """Who wrote it, for those who may know: leads read the name, a reviewer the pseudonym, and that
        only after their verdict."""
        if not self.sight.author_name:
            return ""
        author = self.revision.author
        return str(author) if self.sight.reviewer_names else author.pseudonym

    @property
    def said_before(self) -> Reason | None:
        """What this reviewer said of the earlier revision."""
        return reason_of(self.before) if self.before else None

    @property
    def earlier_threads(self) -> list[Thread]:
        """The comments on the revisions that `changes` leads away from."""
        return [thread for thread in self.threads if self._is_earlier(thread)]

    @property
    def threads_now(self) -> list[Thread]:
        """All other comments."""
        return [thread for thread in self.threads if not self._is_earlier(thread)]

    def _is_earlier(self, thread: Thread) -> bool:
        return self.before is not None and thread.top.comment.revision_id != self.revision.pk

    @property
    def run(self) -> list[dict[str, Any]]:
        """The steps of a run that was handed in; nothing for any other response."""
        target = self.revision.target
        return list(target["messages"]) if target.get("kind") == TargetKind.TRAJECTORY else []

    def typed(self, steps: Steps) -> list[Typed]:
        """What the agent of a run wrote in some of its steps."""
        return typed_in(self.run, steps, _places(self.threads))

    @property
    def is_prose(self) -> bool:
        """Whether the response is read as text, so that its length in words says something."""
        return self.revision.target.get("kind", TargetKind.TEXT) in IN_WORDS

    @property
    def words(self) -> int:
        """How long the response is, counted as the length rules count."""
        return count_words(self.revision.text)

    @property
    def guideline(self) -> str:
        """What the project asks for, in the version the response was written under."""
        return self.revision.project_version.guideline

    @property
    def can_repair(self) -> bool:
        """Whether the response is one text, whose form can be mended here."""
        return self.instruction.target_kind == TargetKind.TEXT

    @property
    def answered(self) -> dict[str, dict[str, Any]]:
        """Where the author says each requirement is answered, by requirement."""
        return {str(row.get("requirement")): row for row in self.revision.coverage}

    @property
    def sources(self) -> list[tuple[str, Mapping[str, Any], Mapping[str, str]]]:
        """The sources the author names: (id, source, what this reviewer found of it)."""
        named = self.revision.sources
        return [
            (name, source, self.said.sources.get(name) or {})
            for name, source in zip(source_ids(named), named, strict=True)
        ]

    @property
    def decision(self) -> str:
        """The verdict that was given here, in words; empty while there is none."""
        given = self.seat.pending.get("verdict")
        return str(Verdict(given).label) if given else ""

    @property
    def is_open(self) -> bool:
        """Whether a verdict may be given here now."""
        return self.seat.state in {SeatState.HELD, SeatState.RESERVED}


def desk_of(person: User, seat_id: int) -> Desk:
    """The page of a seat for its reviewer, or for a lead of the project; raises NotYourSeat for others."""
    seat = (
        Seat.objects.filter(pk=seat_id)
        .select_related(
            "task__instruction__domain",
            "project",
            "domain",
            "revision__project_version",
            "revision__author",
            "reviewer",
            "task__project",
        )
        .first()
    )
    if seat is None:
        return _calibration_desk(person, seat_id)
    relation = _relation(person, seat)
    stage = by_slug(seat.stage)
    seen = sight(
        relation,
        blind=stage.blind,
        decided=seat.state == SeatState.DECIDED,
        settles_dispute=stage.slug == StageSlug.ADJUDICATION,
    )
    if not seen.response:
        raise NotYourSeat
    if seat.state == SeatState.DECIDED:
        last = seat.reviews.filter(round=seat.round).order_by("-id").first()
        seat.pending = _recorded(last) if last else {}
    return _laid_out(person, seat, stage, seen)


def _recorded(review: Review) -> dict[str, Any]:
    """A verdict on record in the shape of one that waits."""
    said = {name: getattr(review, name) for name in Judgement.__dataclass_fields__}
    return {"verdict": review.verdict, **said}


def _relation(person: User, seat: Seat) -> Relation:
    if seat.reviewer_id == person.pk:
        return Relation.REVIEWER
    # A lead who could still sit here must not read the names first.
    decided = seat.state in {SeatState.DECIDED, SeatState.CLOSED}
    if decided and projects_held_by(person, Role.LEAD).filter(pk=seat.project_id).exists():
        return Relation.LEAD
    return Relation.STRANGER


def _laid_out(person: User, seat: Seat, stage: Stage, seen: Sight) -> Desk:
    revision = seat.revision
    version = revision.project_version
    before = _before(person, seat)
    titles = titles_of(seat.task_id) if seen.both_sides else None
    threads = threads_of(seat.task, text=revision.text, viewer=person, titles=titles)
    return Desk(
        seat=seat,
        stage=stage,
        instruction=seat.task.instruction,
        revision=revision,
        rubric=rubric_of(stage, rubrics=version.rubrics, project_version=version.number),
        said=judgement_from(seat.pending or seat.draft),
        refused=str(seat.draft.get("refused", "")),
        sight=seen,
        before=before,
        changes=shortened(changed_words(before.revision.text, revision.text)) if before else [],
        findings=list(revision.findings.order_by("id")),
        flags=flags_of(revision.log_summary),
        answer_flags=bool(setting(version, "answer_evidence_flags")),
        dispute=dispute_over(seat) if stage.slug == StageSlug.ADJUDICATION else None,
        pieces=_marked(revision.text, threads),
        band=length_band(version),
        threads=threads,
    )


def _marked(text: str, threads: Sequence[Thread]) -> Sequence[tuple[str, list[int]]]:
    """The text in pieces, each with the places of the threads that speak of it."""
    return segments(text, _places(threads))


def _places(threads: Sequence[Thread]) -> list[tuple[int, Place]]:
    """Where the threads stand in the text, of those that still stand in it."""
    placed = enumerate(thread.place for thread in threads)
    return [(number, place) for number, place in placed if place]


def _before(person: User, seat: Seat) -> Review | None:
    last = last_review_by(person, seat.task_id)
    return last if last is not None and last.revision_id != seat.revision_id else None


def given_desk(person: User, address: int, round_: int) -> Desk:
    """The page of a verdict this person gave, as it was: its revision, marks and words, nothing to press."""
    review = (
        Review.objects.filter(seat=address, reviewer=person, round=round_)
        .select_related(
            "seat__task__instruction__domain",
            "seat__task__project",
            "seat__project",
            "seat__domain",
            "revision__project_version",
            "revision__author",
        )
        .order_by("-id")
        .first()
    )
    if review is None:
        desk = _calibration_desk(person, address)
        if desk.seat.state != SeatState.DECIDED or round_ != 1:
            raise NotYourSeat
        return desk
    seat = review.seat
    seat.round, seat.state, seat.revision = round_, SeatState.DECIDED, review.revision
    seat.pending = _recorded(review)
    stage = by_slug(seat.stage)
    seen = sight(Relation.REVIEWER, blind=stage.blind, decided=True)
    return replace(_laid_out(person, seat, stage, seen), refused="", before=None, changes=[])


def _calibration_desk(person: User, sitting_id: int) -> Desk:
    """A calibration item laid out like any other review: nothing on the page tells them apart."""
    sitting = (
        CalibrationSitting.objects.filter(pk=sitting_id, reviewer=person)
        .select_related("item__project", "item__domain", "result")
        .first()
    )
    if sitting is None:
        raise NotYourSeat
    stage, version = by_slug(sitting.item.stage), current_version(sitting.item.project)
    record = record_of(sitting.item_id, sitting.item.content["response"], sitting.opened_at)
    revision = _seeming_revision(sitting, version, record)
    seat = _seeming_seat(sitting, revision)
    instruction = seeming_instruction(sitting)
    threads = [_remark(said, revision.text) for said in sitting.draft.get("comments", [])]
    return Desk(
        seat=seat,
        stage=stage,
        instruction=instruction,
        revision=revision,
        rubric=rubric_of(stage, rubrics=version.rubrics, project_version=version.number),
        said=judgement_from(sitting.pending or sitting.draft),
        refused="",
        sight=sight(Relation.REVIEWER, blind=stage.blind, decided=seat.state == SeatState.DECIDED),
        before=None,
        changes=[],
        findings=_seeming_findings(instruction, revision),
        flags=flags_of(revision.log_summary),
        answer_flags=bool(setting(version, "answer_evidence_flags")),
        dispute=None,
        pieces=_marked(revision.text, threads),
        band=length_band(version),
        threads=threads,
        is_calibration=True,
        record=record,
    )


def _seeming_revision(
    sitting: CalibrationSitting, version: ProjectVersion, record: list[Batch]
) -> Revision:
    """The item's response as a revision that was never stored. Its number is one that a form may hold."""
    content = sitting.item.content
    newest = Revision.objects.filter(submitted_at__lte=sitting.opened_at).order_by("-pk")
    return Revision(
        pk=newest.values_list("pk", flat=True).first() or 1,
        number=2 if sitting.draft.get("response") else 1,
        project_version=version,
        author=User(pseudonym=pseudonym_of(sitting.item_id)),
        target=plain(response_in(sitting)),
        log_summary=summary_of(record, content),
        sources=content.get("sources") or [],
        coverage=content.get("coverage") or [],
    )


def _seeming_findings(instruction: Instruction, revision: Revision) -> list[Finding]:
    """What the checks say of the item: all that need nothing but the texts, because it is known nowhere."""
    version = revision.project_version
    subject = bare_subject(
        instruction=instruction,
        target=revision.target,
        format_spec=version.format_spec,
        coverage=revision.coverage,
        sources=revision.sources,
    )
    return [as_finding(found) for found in run(subject)]


def _seeming_seat(sitting: CalibrationSitting, revision: Revision) -> Seat:
    state = SeatState.PENDING if sitting.settles_at else SeatState.HELD
    if sitting.decided_at:
        state = SeatState.CLOSED if sitting.pending.get(MENDED) else SeatState.DECIDED
    return Seat(
        pk=sitting.pk,
        stage=sitting.item.stage,
        round=1,
        revision=revision,
        state=state,
        opened_at=sitting.opened_at,
        reviewer=sitting.reviewer,
        pending={} if state == SeatState.CLOSED else sitting.pending,
        project=sitting.item.project,
        domain=sitting.item.domain,
    )


def seeming_instruction(sitting: CalibrationSitting) -> Instruction:
    """The item's instruction as one that was never stored."""
    content = sitting.item.content
    return Instruction(
        messages=content["messages"],
        requirements=content.get("requirements") or [],
        evidence=content.get("evidence") or [],
        domain=sitting.item.domain,
        difficulty=int(content.get("difficulty") or 3),
    )


def _remark(said: Mapping[str, Any], text: str) -> Thread:
    anchor = selected(text, quote=str(said.get("quote") or ""))
    comment = Comment(body=str(said.get("body") or ""), suggestion=said.get("suggestion"))
    change = (
        changed_words(anchor.quote, comment.suggestion)
        if anchor and comment.suggestion is not None
        else []
    )
    place = place_of(anchor, text) if anchor else None
    return Thread(top=Line(comment, "You", mine=True), anchor=anchor, place=place, change=change)
