"""Reads a judgement from the review page's form. Parsing only: services decide."""

from collections.abc import Mapping, Sequence

from django.http import QueryDict

from review.enums import Cause, QualityClass, Use, Verdict
from review.errors import VerdictIncomplete
from review.judgement import Judgement

# Longer words belong into the response's discussion, not into one field; nothing is cut, it is refused.
LONGEST_WORDS = 20_000


def judgement_in(
    data: QueryDict, *, criteria: Sequence[str], requirements: Sequence[str]
) -> Judgement:
    """The judgement a posted form holds, for these criteria and requirements."""
    return Judgement(
        criteria=_groups(
            data, criteria, {"mark": "mark", "reason": "words", "severity": "severity"}
        ),
        coverage=_groups(data, requirements, {"mark": "covered", "quote": "where"}),
        note=data.get("note", ""),
        evidence_answer=data.get("evidence_answer", ""),
        category=_known(data.get("category", ""), Cause.values),
        quality_class=_known(data.get("quality_class", ""), QualityClass.values),
        use=_known(data.get("use", ""), Use.values) or Use.TRAIN,
    )


def verdict_in(data: QueryDict) -> Verdict:
    """The verdict whose button was pressed."""
    try:
        return Verdict(data.get("verdict", ""))
    except ValueError as error:
        raise VerdictIncomplete(
            "No verdict was chosen.",
            advice="Press one of the verdict buttons.",
            kept_text=data.get("note", ""),
        ) from error


def revision_in(data: QueryDict) -> int:
    """The revision the page showed; 0 when the form does not say."""
    value = data.get("revision", "")
    return int(value) if value.isdecimal() and len(value) < 19 else 0


def _groups(
    data: QueryDict, keys: Sequence[str], fields: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """{key: {field: value}} of the form's `<prefix>_<key>` fields, without what is empty."""
    groups = {
        key: {
            name: value
            for name, prefix in fields.items()
            if (value := data.get(f"{prefix}_{key}", "").strip())
        }
        for key in keys
    }
    return {key: group for key, group in groups.items() if group}


def _known(value: str, values: Sequence[str]) -> str:
    return value if value in values else ""
