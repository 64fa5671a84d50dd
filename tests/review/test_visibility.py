"""Who sees what, in every combination."""

from itertools import product

import pytest

from review.visibility import Relation, sight


@pytest.mark.parametrize(("blind", "decided", "dispute"), [*product([True, False], repeat=3)])
def test_reviewers_never_learn_who_reviewed_beside_them(blind, decided, dispute):
    seen = sight(Relation.REVIEWER, blind=blind, decided=decided, settles_dispute=dispute)
    assert not seen.reviewer_names
    assert seen.author_name is (decided or not blind)
    assert seen.other_verdicts is (decided or not blind or dispute)


@pytest.mark.parametrize(("blind", "decided"), [*product([True, False], repeat=2)])
def test_the_author_never_learns_who_reviewed(blind, decided):
    seen = sight(Relation.AUTHOR, blind=blind, decided=decided)
    assert not seen.reviewer_names
    assert seen.other_verdicts


def test_strangers_see_nothing_and_leads_everything():
    assert not any(vars(sight(Relation.STRANGER, blind=False, decided=True)).values())
    assert all(vars(sight(Relation.LEAD, blind=True, decided=False)).values())
