"""Groups stay whole, shares hold, what stands stays."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from exports.splits import Group, balanced, by_hash

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1, "held_out": 0.0}


def groups(number, strata=3):
    return [Group(f"g{i}", f"s{i % strata}", 1) for i in range(number)]


def test_hash_comes_close_to_the_shares_and_ignores_company():
    found = dict(by_hash(groups(20_000), SHARES, "salt"))
    counts = Counter(found.values())
    assert abs(counts["test"] / 20_000 - 0.1) < 0.01
    assert dict(by_hash(groups(100), SHARES, "salt")) == {
        k: found[k] for k in (g.key for g in groups(100))
    }


def test_a_larger_test_part_moves_few():
    before = dict(by_hash(groups(5000), SHARES, "s"))
    more = SHARES | {"train": 0.78, "test": 0.12}
    after = dict(by_hash(groups(5000), more, "s"))
    assert sum(before[k] != after[k] for k in before) < 5000 * 0.05


def test_a_small_project_fills_every_side():
    counts = Counter(side for _, side in balanced(groups(24), SHARES, "salt"))
    assert counts["train"] >= 15
    assert counts["validation"] >= 1
    assert counts["test"] >= 1


@given(st.integers(0, 60), st.text(max_size=5))
def test_every_group_gets_exactly_one_side(number, salt):
    made = list(balanced(groups(number), SHARES, salt))
    assert sorted(key for key, _ in made) == sorted(g.key for g in groups(number))


def test_evaluation_only_is_never_trained_on():
    made = [Group("a", "s", 1, evaluation_only=True)]
    assert dict(by_hash(made, SHARES, "x")) == {"a": "test"}
    assert dict(balanced(made, SHARES, "x")) == {"a": "test"}


def test_held_out_part_is_kept():
    shares = {"train": 0.5, "held_out": 0.5}
    assert set(dict(by_hash(groups(400), shares, "x")).values()) == {"train", "held_out"}
