"""The reviewer's pages and verdicts over a long queue, and agreement over all verdicts."""

from pathlib import Path
from types import SimpleNamespace

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

from annotation.models import Instruction, ProjectVersion, Revision, Task
from annotation.services.claim import take
from annotation.services.submit import submit_revision
from audit.models import Event
from experts.enums import Role
from review.enums import SeatState
from review.figures import agreement_in
from review.models import Review, Seat
from review.services.claim_seat import take_free_seat, take_next_review
from tests.bench import world
from tests.bench.cases.writing import REASONS
from tests.bench.measure import Row, once, select_probe, timed
from tests.factories.annotation import (
    InstructionFactory,
    ProjectVersionFactory,
    TaskFactory,
    write,
)
from tests.factories.experts import DomainFactory, person_with
from tests.review.conftest import another_text

TIMES = 60
FORM = "application/x-www-form-urlencoded"  # as a browser sends it
FIRST = 1_000_000


def rows(size, label):
    """A queue of `size` free expert reviews; one expert opens pages and gives verdicts."""
    place = waiting(size)
    browser = Client()
    browser.force_login(place.expert)
    select = select_probe("review_seat")
    answered(browser.get("/review/"))

    calm()
    home = timed(lambda _: answered(browser.get("/review/")), range(TIMES))
    yield Row.of("review.queue", label, home, probe="SELECT by key", probe_timing=select)

    seat = take_next_review(person=place.expert)
    answered(browser.get(f"/review/{seat.pk}/"))
    page = timed(lambda _: answered(browser.get(f"/review/{seat.pk}/")), range(TIMES))
    yield Row.of("review.page", label, page, probe="SELECT by key", probe_timing=select)

    # With more reviews at hand the page goes on to one of them; with none it takes the next from the queue.
    at_hand = [free_seat(place.expert) for _ in range(TIMES)]
    assert len(at_hand) == TIMES
    verdicts = Verdicts(browser, seat)
    yield verdict_row("review.verdict", label, browser, verdicts, ROWS_OF_A_VERDICT)
    yield verdict_row("review.verdict_next", label, browser, verdicts, ROWS_OF_A_VERDICT + 1)

    yield agreement(size, label)


def free_seat(expert):
    """One more seat of the queue, taken by choice."""
    free = Seat.objects.filter(state=SeatState.OPEN, stage="expert").order_by("-pk")
    return take_free_seat(person=expert, seat_id=free.values_list("pk", flat=True)[0])


def verdict_row(case, label, browser, verdicts, inserts):
    """Verdicts through the page, against a view that inserts as many rows."""
    minimal = minimal_probe(browser, inserts)
    before = inserted()
    timing = timed(verdicts, range(TIMES))
    assert inserted() - before == TIMES * inserts, inserted() - before
    return Row.of(case, label, timing, probe=f"{inserts} INSERTs, a view", probe_timing=minimal)


class Verdicts:
    """Approves what the page shows and follows to the next, as a reviewer does."""

    def __init__(self, browser, seat):
        self.browser, self.address = browser, f"/review/{seat.pk}/"

    def __call__(self, _):
        answer = self.browser.post(f"{self.address}verdict/", "verdict=approve", content_type=FORM)
        assert answer.status_code == 302, answer.content[:400]
        assert answer.url.removeprefix("/review/").rstrip("/").isdigit(), answer.url
        self.address = answer.url
        # The page it leads to would show what was said of this verdict, once.
        self.browser.cookies.pop("messages", None)


def calm():
    """Let the database write out what preparing the world left behind, before anything is timed."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")


def answered(response):
    assert response.status_code == 200, response.status_code


def waiting(size):
    """A project where `size` responses wait for an expert; verdicts are recorded at once."""
    domain, version = DomainFactory(), ProjectVersionFactory(settings={"undo_seconds": 0})
    project = version.project
    people = {
        "writer": person_with(project, Role.WRITER, domain=domain),
        "expert": person_with(project, Role.EXPERT, domain=domain),
    }
    task = TaskFactory(instruction=InstructionFactory(project=project, domain=domain))
    write(take(person=people["writer"], task_id=task.pk), another_text(1))
    revision = submit_revision(person=people["writer"], task_id=task.pk, reasons=REASONS)
    seat = Seat.objects.get(task=task)
    world.copy_rows(
        Instruction, task.instruction, size, first=FIRST, key="gen_random_uuid()", series="gen_random_uuid()",
        external_id="'review-' || n", content_sha256="sha256(('review ' || n)::bytea)",
    )  # fmt: skip
    world.copy_rows(
        Task, task, size, first=FIRST, key="gen_random_uuid()", instruction_id=f"{FIRST} + n",
        current_revision_id=f"{FIRST} + n",
    )  # fmt: skip
    world.copy_rows(Revision, revision, size, first=FIRST, task_id=f"{FIRST} + n")
    world.copy_rows(
        Seat, seat, size, first=FIRST, task_id=f"{FIRST} + n", revision_id=f"{FIRST} + n",
        opened_at="t.opened_at + n * interval '1 millisecond'",
    )  # fmt: skip
    world.analyze()
    return SimpleNamespace(project=project, **people)


def agreement(size, label):
    """Raw agreement, AC1 and alpha with their intervals, over `size` verdicts on `size` / 2 responses."""
    review = Review.objects.filter(stage="expert").order_by("pk").first()
    for number in (2, 3):  # the first seat's verdicts exist for those that were judged above
        verdict = f"CASE WHEN (n * 7 + {number}) % 11 = 0 THEN 'reject' ELSE 'approve' END"
        world.copy_rows(
            Review, review, size // 2, first=50_000_000 + number * size, number=str(number), verdict=verdict,
            revision_id=f"{FIRST} + n", task_id=f"{FIRST} + n", note="'Words'",
        )  # fmt: skip
    world.analyze()
    project = ProjectVersion.objects.get().project_id
    counting = once(lambda: Review.objects.filter(stage="expert").count())
    before = memory_mb()
    found = []
    seconds = once(lambda: found.extend(agreement_in("expert", [project])))
    row = Row.of_bulk(
        "review.agreement",
        label,
        rows=size,
        seconds=seconds,
        probe="count(*)",
        probe_seconds=counting,
    )
    assert found[0].found.units >= size // 2, found[0]
    # What the page itself held: the rest of this process is the world around it.
    row.rss_mb = memory_mb() - before
    return row


def memory_mb():
    """What this process holds now, in MB."""
    with Path("/proc/self/status").open(encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


# What a verdict inserts: the review and its event; the event of the task's move; the seat of the stage that
# follows. (It updates three rows besides: the seat it decides, the task, and the seat that comes next.) Taking
# the next review from the queue adds its event.
ROWS_OF_A_VERDICT = 4


def inserted():
    """How many rows the tables of a verdict hold."""
    return sum(model.objects.count() for model in (Review, Seat, Event))


def minimal(request):
    """What the simplest view does that knows its person and keeps as many rows."""
    assert request.user.is_authenticated
    with transaction.atomic():
        for _ in range(int(request.GET["inserts"])):
            Event.objects.create(
                verb="bench.minimal", object_type="bench", object_id="1", actor=request.user
            )
    return HttpResponse(status=204)


urlpatterns = [path("minimal/", minimal)]


def minimal_probe(browser, inserts):
    with override_settings(ROOT_URLCONF=__name__):
        return timed(lambda _: browser.post(f"/minimal/?inserts={inserts}"), range(TIMES))
