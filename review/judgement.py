"""What a reviewer says in one seat, as one value: read from a form, kept as a draft, appended as a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from review.anchors import selected
from review.enums import Cause, Covered, Gravity, Mark, SourceMark, Use, Verdict
from review.errors import PassageGone, VerdictIncomplete
from review.rubric import Rubric
from review.stages import Stage


@dataclass(frozen=True)
class Judgement:
    """Marks, words and settings of one review.

    `criteria` is {criterion: {"mark", "reason", "severity"}}, `coverage` {requirement: {"mark", "quote"}},
    `sources` {source: {"mark", "note"}}.
    """

    criteria: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    note: str = ""
    coverage: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    evidence_answer: str = ""
    category: str = ""
    quality_class: str = ""
    use: str = Use.TRAIN

    def as_json(self) -> dict[str, Any]:
        """The judgement as a draft keeps it."""
        return asdict(self)

    @property
    def words(self) -> str:
        """All that was typed, to give it back where the page cannot hold it any more."""
        beside = {
            **{name: mark.get("reason") for name, mark in self.criteria.items()},
            **{name: answer.get("quote") for name, answer in self.coverage.items()},
            **{name: found.get("note") for name, found in self.sources.items()},
            "answer to the evidence": self.evidence_answer,
        }
        told = [f"{name.capitalize()}: {words}" for name, words in beside.items() if words]
        return "\n".join(filter(None, [self.note.strip(), *told]))


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
    sources: Sequence[str] = (),
) -> Judgement:
    """The judgement as it is recorded with `verdict`; raises VerdictIncomplete where words are wanted.

    What an approving reviewer left open counts as passed, and the page says so before the button is pressed.
    A source nobody marked stays unmarked: nobody looked it up.
    """
    _refuse_wordless(judgement, stage, verdict)
    marks = {
        criterion.id: _mark(judgement.criteria.get(criterion.id)) for criterion in rubric.criteria
    }
    coverage = {key: dict(judgement.coverage.get(key) or {}) for key in requirements}
    checked = {key: _source(judgement.sources.get(key)) for key in sources}
    if verdict != Verdict.RECUSE:
        _refuse_unexplained(judgement.note, rubric, marks, checked)
    if verdict == Verdict.APPROVE:
        _refuse_failed(judgement.note, [*_failed(rubric, marks, coverage), *_unsupported(checked)])
        for mark in marks.values():
            mark.setdefault("mark", Mark.PASS)
        for answer in coverage.values():
            answer.setdefault("mark", Covered.MET)
    return Judgement(
        criteria={key: mark for key, mark in marks.items() if mark},
        note=judgement.note.strip(),
        coverage={key: answer for key, answer in coverage.items() if answer},
        sources={key: found for key, found in checked.items() if found},
        evidence_answer=judgement.evidence_answer.strip(),
        category=judgement.category,
        quality_class=judgement.quality_class,
        use=judgement.use if judgement.use in Use.values else Use.TRAIN,
    )


def source_ids(sources: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the marks on a response's sources are kept under: each source's own id, else its place."""
    return [str(source.get("id") or place) for place, source in enumerate(sources, start=1)]


def placed(said: Judgement, text: str) -> Judgement:
    """`said` with the range in `text` of each passage that answers a requirement.

    Raises PassageGone where the text holds no such passage.
    """
    coverage = {}
    for requirement, answer in said.coverage.items():
        quote = str(answer.get("quote") or "").strip()
        anchor = selected(text, quote=quote)
        if quote and anchor is None:
            raise PassageGone(
                f"The passage that should answer “{requirement}” is not in the response.",
                kept_text=said.note,
            )
        found = {"quote": anchor.quote, "start": anchor.start, "end": anchor.end} if anchor else {}
        coverage[requirement] = {**answer, **found}
    return replace(said, coverage=coverage)


def _refuse_wordless(judgement: Judgement, stage: Stage, verdict: Verdict) -> None:
    if verdict not in {Verdict.RECUSE, *stage.outcomes}:
        raise VerdictIncomplete("This stage has no such verdict.", advice="Choose another verdict.")
    wants_words = stage.names_cause or verdict != Verdict.APPROVE
    if verdict != Verdict.RECUSE and wants_words and not judgement.note.strip():
        raise VerdictIncomplete
    if stage.names_cause and judgement.category not in Cause.values:
        raise VerdictIncomplete(
            "A decision between two sides names what lay behind it.",
            advice="Choose it in “What lay behind it”, then decide again.",
            kept_text=judgement.note,
        )


def _refuse_unexplained(
    note: str,
    rubric: Rubric,
    marks: Mapping[str, Mapping[str, str]],
    sources: Mapping[str, Mapping[str, str]],
) -> None:
    silent = [
        criterion.label
        for criterion in rubric.criteria
        if marks[criterion.id].get("mark") == Mark.FAIL and not marks[criterion.id].get("reason")
    ]
    if silent:
        raise VerdictIncomplete(
            f"“{'”, “'.join(silent)}” failed, and nothing says why.",
            advice="Choose or write a reason beside it.",
            kept_text=note,
        )
    against = [found for found in sources.values() if found.get("mark") == SourceMark.CONTRADICTS]
    if any(not found.get("note") for found in against):
        raise VerdictIncomplete(
            "A source does not support its claim, and nothing says which claim.",
            advice="Say beside the source what it does say.",
            kept_text=note,
        )


def _failed(
    rubric: Rubric,
    marks: Mapping[str, Mapping[str, str]],
    coverage: Mapping[str, Mapping[str, Any]],
) -> list[str]:
    """What stands against an approval, by its name on the page."""
    failed = [
        criterion.label
        for criterion in rubric.criteria
        if marks[criterion.id].get("mark") == Mark.FAIL
    ]
    return failed + [
        f"requirement {key}"
        for key, answer in coverage.items()
        if answer.get("mark") == Covered.MISSED
    ]


def _unsupported(sources: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [
        f"source {number}"
        for number, found in enumerate(sources.values(), start=1)
        if found.get("mark") == SourceMark.CONTRADICTS
    ]


def _refuse_failed(note: str, failed: Sequence[str]) -> None:
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


def _source(said: Mapping[str, str] | None) -> dict[str, str]:
    """What was found of one source: nothing unless it was marked."""
    said = said or {}
    if said.get("mark") not in SourceMark.values:
        return {}
    note = str(said.get("note") or "").strip()
    return {"mark": str(said["mark"])} | ({"note": note} if note else {})
