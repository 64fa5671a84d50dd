"""What a reviewer says in one seat, as one value: read from a form, kept as a draft, appended as a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from review.enums import Covered, Gravity, Mark, Use, Verdict
from review.errors import VerdictIncomplete
from review.rubric import Rubric
from review.stages import Stage


@dataclass(frozen=True)
class Judgement:
    """Marks, words and settings of one review.

    `criteria` is {criterion: {"mark", "reason", "severity"}}, `coverage` {requirement: {"mark", "quote"}}.
    """

    criteria: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    note: str = ""
    coverage: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    evidence_answer: str = ""
    category: str = ""
    quality_class: str = ""
    use: str = Use.TRAIN

    def as_json(self) -> dict[str, Any]:
        """The judgement as a draft keeps it."""
        return asdict(self)

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been said yet."""
        return not (
            self.criteria or self.note.strip() or self.coverage or self.evidence_answer.strip()
        )


def judgement_from(data: Mapping[str, Any]) -> Judgement:
    """The judgement that `as_json` wrote; what is not known is left out."""
    known = {name: data[name] for name in Judgement.__dataclass_fields__ if name in data}
    return Judgement(**known)


def completed(
    judgement: Judgement,
    *,
    stage: Stage,
    rubric: Rubric,
    verdict: Verdict,
    requirements: Sequence[str] = (),
) -> Judgement:
    """The judgement as it is recorded with `verdict`; raises VerdictIncomplete where words are wanted.

    What an approving reviewer left open counts as passed, and the page says so before the button is pressed.
    """
    if verdict not in {Verdict.RECUSE, *stage.outcomes}:
        raise VerdictIncomplete("This stage has no such verdict.", advice="Choose another verdict.")
    if verdict not in {Verdict.APPROVE, Verdict.RECUSE} and not judgement.note.strip():
        raise VerdictIncomplete
    marks = {
        criterion.id: _mark(judgement.criteria.get(criterion.id)) for criterion in rubric.criteria
    }
    coverage = {key: dict(judgement.coverage.get(key) or {}) for key in requirements}
    if verdict == Verdict.APPROVE:
        _refuse_failed(judgement.note, rubric, marks, coverage)
        for mark in marks.values():
            mark.setdefault("mark", Mark.PASS)
        for answer in coverage.values():
            answer.setdefault("mark", Covered.MET)
    return Judgement(
        criteria={key: mark for key, mark in marks.items() if mark},
        note=judgement.note.strip(),
        coverage={key: answer for key, answer in coverage.items() if answer},
        evidence_answer=judgement.evidence_answer.strip(),
        category=judgement.category,
        quality_class=judgement.quality_class,
        use=judgement.use if judgement.use in Use.values else Use.TRAIN,
    )


def _refuse_failed(
    note: str,
    rubric: Rubric,
    marks: Mapping[str, Mapping[str, str]],
    coverage: Mapping[str, Mapping[str, Any]],
) -> None:
    failed = [
        criterion.label
        for criterion in rubric.criteria
        if marks[criterion.id].get("mark") == Mark.FAIL
    ]
    failed += [
        f"requirement {key}"
        for key, answer in coverage.items()
        if answer.get("mark") == Covered.MISSED
    ]
    if failed:
        raise VerdictIncomplete(
            f"You marked “{'”, “'.join(failed)}” as failed, so this cannot be approved.",
            advice="Change the mark, or request changes.",
            kept_text=note,
        )


def _mark(said: Mapping[str, str] | None) -> dict[str, str]:
    """One criterion's mark with only what is known and said."""
    said = said or {}
    kept = {"reason": str(said.get("reason") or "").strip()}
    if said.get("mark") in Mark.values:
        kept["mark"] = str(said["mark"])
    if said.get("severity") in Gravity.values:
        kept["severity"] = str(said["severity"])
    return {key: value for key, value in kept.items() if value}
