"""A protected set that comes after the texts, what an import met, and looks whose job was lost."""

import json
import random
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.enums import ImportState
from annotation.importing.draft import Draft
from annotation.known import ref_of_instruction, ref_of_task
from annotation.models import ImportRun
from annotation.services import look_up
from annotation.services.add_instructions import add_instructions
from annotation.services.look_up import (
    know_instructions,
    left_looks,
    look_again,
    projects_with_unknown_instructions,
)
from corpus.enums import HitState
from corpus.models import Fingerprint, Hit, Look, Pair, ProtectedSet
from corpus.queries import met_by
from corpus.services.import_protected import import_protected, look_of
from corpus.services.remember import waive_hit
from tests.checks import labelled
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted

pytestmark = pytest.mark.django_db
ITEM = labelled.passage(random.Random(50), 40)


def benchmark(tmp_path, *texts):
    path = tmp_path / "bench.jsonl"
    path.write_text(
        "\n".join(json.dumps({"id": f"q{n}", "question": t}) for n, t in enumerate(texts))
    )
    return path


@pytest.fixture
def held_texts(studio):
    """An instruction and a response that hold the item, before any set is protected."""
    asked = InstructionFactory(
        project=studio.project,
        domain=studio.domain,
        messages=[{"role": "user", "content": f"Look at this. {ITEM}"}],
    )
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    submitted(task, studio.writer, f"It reads: {ITEM}")
    return ref_of_instruction(asked.pk), ref_of_task(task.pk)


def looked_through(made):
    steps = 0
    while look_again(set_id=made.pk):
        steps += 1
    return steps


def test_a_set_that_comes_late_is_looked_for_in_what_is_there(held_texts, tmp_path):
    import_protected(path=benchmark(tmp_path, ITEM), name="bench")
    made = ProtectedSet.objects.get()
    assert not Hit.objects.exists()
    assert looked_through(made) == 2
    assert set(Hit.objects.filter(held=True).values_list("ref", flat=True)) == set(held_texts)
    look = Look.objects.get(origin=look_of(made.pk))
    assert look.finished_at
    assert look.done == look.total == 3
    assert look_again(set_id=made.pk) is False


def test_the_import_itself_sends_the_look(held_texts, tmp_path, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        import_protected(path=benchmark(tmp_path, ITEM), name="bench")
    assert Hit.objects.filter(ref=held_texts[1]).exists()


def test_a_waiver_outlives_a_new_import_of_the_set(held_texts, tmp_path, studio):
    import_protected(path=benchmark(tmp_path, ITEM), name="bench")
    looked_through(ProtectedSet.objects.get())
    waive_hit(hit=Hit.objects.get(ref=held_texts[1]), reason="Quoted.", actor=studio.lead)
    import_protected(
        path=benchmark(tmp_path, ITEM, labelled.passage(random.Random(51), 30)), name="bench"
    )
    looked_through(ProtectedSet.objects.get())
    states = dict(Hit.objects.values_list("ref", "state"))
    assert states == {held_texts[0]: HitState.OPEN, held_texts[1]: HitState.WAIVED}
    assert Look.objects.count() == 1


def drafts(*texts):
    return [
        Draft(
            messages=[{"role": "user", "content": text}],
            domain="medicine",
        )
        for text in texts
    ]


@pytest.fixture
def imported(studio, tmp_path, django_capture_on_commit_callbacks):
    """An import of four rows: two the same but for case, one nearly, one that holds the item."""
    import_protected(path=benchmark(tmp_path, ITEM), name="bench")
    rng = random.Random(52)
    text = labelled.passage(rng, 50)
    texts = [text, text.upper(), labelled.replaced(0.03)(rng, text), f"Solve it. {ITEM}"]
    run = ImportRun.objects.create(
        project=studio.project,
        name="rows.jsonl",
        size=1,
        created_by=studio.lead,
    )
    for state in (ImportState.CHECKING, ImportState.CHECKED):
        ImportRun.objects.filter(pk=run.pk).update(state=state)
    with django_capture_on_commit_callbacks(execute=True):
        added = add_instructions(
            project=studio.project,
            drafts=drafts(*texts),
            domains={"medicine": studio.domain.pk},
            actor=studio.lead,
            run=run.pk,
        )
    assert added.added == 4
    return run


def test_what_an_import_met_is_counted(imported):
    met = met_by(f"import:{imported.pk}")
    assert (met.total, met.done) == (4, 4)
    assert (met.same, met.alike, met.protected) == (1, 2, 1)


def test_the_counts_of_an_import_open_their_rows(imported, studio, client):
    client.force_login(studio.lead)
    base = f"/projects/{studio.project.slug}"
    page = client.get(f"{base}/import/{imported.pk}/").content.decode()
    assert f"{base}/duplicates/?import={imported.pk}&amp;exact=yes" in page
    assert f"{base}/contamination/?import={imported.pk}" in page
    same = client.get(f"{base}/duplicates/?import={imported.pk}&exact=yes").content.decode()
    assert "Group 1: two instructions, the same" in same
    met = client.get(f"{base}/contamination/?import={imported.pk}").content.decode()
    assert "1 text is held" in met


def test_ranges_share_the_work_and_a_repeated_job_does_nothing(studio):
    made = [
        InstructionFactory(
            project=studio.project,
            domain=studio.domain,
            messages=[{"role": "user", "content": labelled.passage(random.Random(n), 20)}],
        ).pk
        for n in range(4)
    ]
    project = studio.project.pk
    assert know_instructions(project_id=project, first=made[0], last=made[1]) == made[1]
    assert Fingerprint.objects.count() == 2
    assert know_instructions(project_id=project, first=made[0], last=made[1]) == 0
    assert know_instructions(project_id=project, first=made[2], last=made[3]) == made[3]
    assert not Pair.objects.exists()


def test_looks_whose_job_was_lost_are_taken_up(studio, tmp_path, monkeypatch):
    import_protected(path=benchmark(tmp_path, ITEM), name="bench")
    assert not left_looks()
    Look.objects.update(moved_at=timezone.now() - timedelta(hours=1))
    assert left_looks() == [ProtectedSet.objects.get().pk]
    InstructionFactory(project=studio.project, domain=studio.domain)
    assert not projects_with_unknown_instructions()
    monkeypatch.setattr(look_up, "_QUIET", timedelta(hours=-1))
    assert projects_with_unknown_instructions() == [studio.project.pk]
