"""Reads a judgement from the review page's form. Parsing only: services decide."""

from collections.abc import Mapping, Sequence

from django.http import QueryDict

from review.enums import Cause, QualityClass, Use, Verdict
from review.errors import VerdictIncomplete
from review.judgement import Judgement

# More criteria or requirements than this no form has.
MOST_KEYS = 200


def judgement_in(data: QueryDict) -> Judgement:
    """The judgement a posted form holds. Criteria and requirements it should not know are kept here and
    left out when the verdict is completed under its rubric."""
    return Judgement(
        criteria=_groups(data, {"mark": "mark", "words": "reason", "severity": "severity"}),
        coverage=_groups(data, {"covered": "mark", "where": "quote"}),
        sources=_groups(data, {"source": "mark", "found": "note"}),
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


def _groups(data: QueryDict, fields: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """{key: {field: value}} of the form's `<prefix>_<key>` fields, without what is empty."""
    groups: dict[str, dict[str, str]] = {}
    for name, value in data.items():
        prefix, _, key = name.partition("_")
        if prefix in fields and key and str(value).strip() and len(groups) <= MOST_KEYS:
            groups.setdefault(key, {})[fields[prefix]] = str(value).strip()
    return groups


def _known(value: str, values: Sequence[str]) -> str:
    return value if value in values else ""
