"""Taking a task, saving while writing, handing in."""

from annotation.services.claim import take_next
from annotation.services.save_draft import save_plain
from annotation.services.submit import submit_revision
from checks.registry import CHECKS
from tests.bench import world
from tests.bench.cases.importing import jobs_queued
from tests.bench.measure import Row, insert_probe, timed

PEOPLE = 120
TEXT = "First ask about allergies, then weigh the person. "
REASONS = {check.id: "Written for a measurement." for check in CHECKS}


def rows(size, label):
    """Sixteen people at once take tasks from a queue of `size` (measured in claims.py); then they
    write and hand in."""
    place = world.open_tasks(size)
    people = world.writers(place, PEOPLE)
    held = []
    timed(lambda person: held.append((person, take_next(person=person))), people, 16)
    assert len({assignment.task_id for _, assignment in held}) == PEOPLE, (
        "a task went to two people"
    )

    insert = insert_probe()

    def save(step):
        (person, assignment), version = step
        text = {"response": f"{TEXT} Case {assignment.pk}, state {version}."}
        save_plain(person=person, task_id=assignment.task_id, texts=text, version=version)

    steps = [(pair, version) for version in (1, 0) for pair in held]  # taken from the end
    yield Row.of("autosave", label, timed(save, steps), probe="one INSERT", probe_timing=insert)

    def hand_in(pair):
        submit_revision(person=pair[0], task_id=pair[1].task_id, reasons=REASONS)

    with jobs_queued():
        handed_in = timed(hand_in, held)
    yield Row.of("submit", label, handed_in, probe="one INSERT", probe_timing=insert)
