"""Preference pairs as a by-product of review: which earlier text makes a pair worth having.

Rules after QUALITY of such pairs in the literature: a reviewer's reason exists, the texts differ
clearly but not wholly (edit distance 0.05 to 0.60), and neither side carries a privacy, secret or
contamination finding.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz.distance import Indel

from exports import freezing

LEAST, MOST = 0.05, 0.60
_NEVER = frozenset({"personal_data", "secret", "contamination"})
_LONGEST = 20_000


def alternative_of(
    *,
    approved: Mapping[str, Any],
    earlier: Mapping[str, Any],
    verdicts: Sequence[tuple[str, Mapping[str, Any]]],
    findings: Sequence[str],
    start: int,
) -> dict[str, Any] | None:
    """The entry of `alternatives` for an earlier revision, or None where it makes no good pair.

    `verdicts` are what reviewers said of the earlier revision, with their criteria; `start` numbers
    its first message.
    """
    against = [(verdict, criteria) for verdict, criteria in verdicts if verdict != "approve"]
    if not against or _NEVER.intersection(findings):
        return None
    before, after = _words(earlier), _words(approved)
    distance = Indel.normalized_distance(before[:_LONGEST], after[:_LONGEST])
    if not LEAST <= distance <= MOST:
        return None
    verdict, criteria = against[-1]
    codes = sorted(name for name, mark in criteria.items() if _failed(mark))
    return {
        "messages": [
            freezing.message(raw, f"m{i}", train=True)
            for i, raw in enumerate(earlier.get("messages", []), start)
        ],
        "verdict": verdict,
        "reason": ", ".join(codes) or verdict.replace("_", " "),
        "reason_codes": codes,
        "pair_kind": "reject_vs_approve" if verdict == "reject" else "revision",
        "edit_distance": round(distance, 4),
        "length_ratio": round(len(before) / max(1, len(after)), 4),
    }


def _words(target: Mapping[str, Any]) -> str:
    messages = target.get("messages", [])
    return "\n".join(str(m.get("content") or "") for m in messages if m.get("role") == "assistant")


def _failed(mark: Any) -> bool:
    return (mark.get("mark") if isinstance(mark, dict) else mark) in ("fix", "fail")
