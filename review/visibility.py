"""What one person may see of one review, now: a pure function, so that no page decides it."""

from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """How the person looking stands to the work."""

    REVIEWER = "reviewer"
    AUTHOR = "author"
    LEAD = "lead"
    STRANGER = "stranger"


@dataclass(frozen=True)
class Sight:
    """What is shown."""

    response: bool
    author_name: bool
    reviewer_names: bool
    other_verdicts: bool
    own_verdicts: bool
    both_sides: bool = False  # what every reviewer said of the passages


NOTHING = Sight(
    response=False,
    author_name=False,
    reviewer_names=False,
    other_verdicts=False,
    own_verdicts=False,
)


def sight(
    relation: Relation, *, blind: bool, decided: bool, settles_dispute: bool = False
) -> Sight:
    """What `relation` sees.

    A reviewer of a blind stage learns the author's name and what others decided only after their own
    verdict; who settles a dispute sees both sides, never the names; the author sees what was decided and
    why, never by whom.
    """
    match relation:
        case Relation.LEAD:
            return Sight(
                response=True,
                author_name=True,
                reviewer_names=True,
                other_verdicts=True,
                own_verdicts=True,
                both_sides=True,
            )
        case Relation.AUTHOR:
            return Sight(
                response=True,
                author_name=True,
                reviewer_names=False,
                other_verdicts=True,
                own_verdicts=True,
            )
        case Relation.REVIEWER:
            open_eyes = decided or not blind
            return Sight(
                response=True,
                author_name=open_eyes,
                reviewer_names=False,
                other_verdicts=open_eyes or settles_dispute,
                own_verdicts=True,
                both_sides=settles_dispute,
            )
    return NOTHING
