"""The writing record that stands in for a calibration item looks like one, and replays to the item."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from annotation.provenance import readings
from annotation.writing_log import replay
from review.stand_in import FIELD, record_of, summary_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LONG = "First ask about allergies, then weigh the person, and only then choose a dose. " * 20


def edits(batches):
    return [edit for batch in batches for edit in batch.edits]


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.integers(1, 10_000))
def test_it_replays_to_the_text_whatever_the_text(text, item):
    batches = record_of(item, text, NOON)
    assert replay(edits(batches))[FIELD] == text
    assert all(batch.received_at < NOON for batch in batches)


def test_it_is_the_same_each_time_and_another_for_another_item():
    assert record_of(1, LONG, NOON) == record_of(1, LONG, NOON)
    assert edits(record_of(1, LONG, NOON)) != edits(record_of(2, LONG, NOON))


def test_its_figures_are_those_of_somebody_who_composes():
    """Within the bands that the page calls usual, and so without a notice."""
    for item in range(1, 30):
        summary = summary_of(record_of(item, LONG, NOON), {"messages": []})
        assert summary["notices"] == []
        assert summary["shares"]["composed"] == 100
        assert 30 <= summary["pause_share"] <= 80
        assert summary["revisions"] > 1
        assert summary["insertions_elsewhere"] > 0
        assert readings(summary)
