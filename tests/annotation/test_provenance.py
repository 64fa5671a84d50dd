"""What a log tells of how a text came about, and what it must not be taken for."""

from datetime import UTC, datetime, timedelta

from annotation.provenance import Batch, readings, summarise
from annotation.versions import changes_between, versions_of
from annotation.writing_log import Edit

START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = "one two three four five six seven eight nine ten "


def batch(*edits, minutes=0):
    return Batch(START + timedelta(minutes=minutes), "s", list(edits))


def appended(text, length, *, kind="typed", gap=30, duration=20):
    parts = [part for part in (length, [0, *text.split("\n")]) if part != 0]
    return Edit("response", gap, duration, kind, parts)


def run(times, *, kind="typed", gap=30, duration=20):
    return [
        appended(WORDS, len(WORDS) * n, kind=kind, gap=gap, duration=duration) for n in range(times)
    ]


def test_shares_are_of_the_final_text():
    text = "Typed words here. "
    pasted = "Pasted from some other place."
    log = [
        appended(text, 0),
        appended(pasted, len(text), kind="pasted"),
        Edit("response", 5, 0, "deleted", [len(text), [len(pasted)]]),
    ]
    assert summarise([batch(*log[:2])])["shares"]["pasted"] == 61.7
    left = summarise([batch(*log)])["shares"]
    assert left.pop("composed") == 100
    assert set(left.values()) == {0}


def test_what_was_given_is_quoted_and_what_stood_there_is_moved():
    given = "Anticoagulants are preferred over aspirin."
    log = [
        appended(given, 0, kind="pasted"),
        Edit("response", 5, 0, "deleted", [[len(given)]]),
        appended(given, 0, kind="pasted"),
    ]
    assert (
        summarise([batch(log[0])], given=[f"The text:\n{given} More."])["shares"]["quoted"] == 100
    )
    assert summarise([batch(*log)])["shares"]["moved"] == 100


def test_dictation_is_never_a_paste():
    summary = summarise(
        [batch(appended(WORDS * 20, 0, kind="typed"), appended(WORDS, 980, kind="composed"))],
        assistive=True,
    )
    assert summary["shares"]["pasted"] == 0
    assert summary["notices"] == []
    assert "active_minutes" not in summary
    assert any(reading.value == "not shown" for reading in readings(summary))


def test_copying_by_hand_is_asked_about_and_composing_is_not():
    linear = summarise([batch(*run(16, gap=10))])
    assert linear["notices"] == ["transcription"]
    assert summarise([batch(*run(16, gap=40))])["notices"] == []
    assert summarise([batch(*run(14, gap=10))])["notices"] == []  # under 150 words nothing is said
    assert summarise([batch(*run(16, gap=10))], assistive=True)["notices"] == []


def test_a_declared_paste_is_no_notice():
    log = [batch(appended(WORDS * 16, 0, kind="pasted"))]
    assert summarise(log)["notices"] == ["undeclared_paste"]
    told = [{"quote": WORDS[:20], "length": 16 * len(WORDS), "origin": "my own notes"}]
    assert summarise(log, declared=told)["notices"] == []


def test_time_away_and_long_gaps_are_no_working_time():
    log = [
        appended("a", 0, gap=0, duration=0),
        Edit("", 10, 0, "away", None),
        Edit("", 6000, 0, "back", None),
        appended("b", 1, gap=10, duration=0),
        appended("c", 2, gap=9000, duration=0),
    ]
    summary = summarise([batch(*log)])
    assert summary["away_minutes"] == 10
    assert summary["active_minutes"] == 0.0


def test_sittings_follow_the_servers_clock():
    assert (
        summarise(
            [
                batch(appended("a", 0)),
                batch(appended("b", 1), minutes=5),
                batch(appended("c", 2), minutes=90),
            ]
        )["sittings"]
        == 2
    )


def test_every_reading_says_what_it_means():
    for reading in readings(summarise([batch(*run(3))])):
        assert reading.value
        assert reading.meaning
    assert readings({}) == readings({"repaired_by": "p-bcdfghjk"}) == []


def test_versions_are_what_stood_before_a_pause_or_was_kept():
    log = [
        (1, batch(appended("a", 0))),
        (2, batch(Edit("", 0, 0, "kept", None), minutes=0)),
        (3, batch(appended("b", 1), minutes=9)),
    ]
    assert [(version.sequence, version.label) for version in versions_of(log)] == [
        (3, ""),
        (2, "kept on purpose"),
    ]


def test_changes_between_versions_are_words():
    parts = changes_between({"response": "Take 5 mg daily."}, {"response": "Take 10 mg daily."})
    assert ("removed", "5") in parts
    assert ("added", "10") in parts
