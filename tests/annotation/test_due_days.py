"""The day by which a response is wanted: one day for everybody, set by leads, seen where work is, told in time."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from annotation.due import day_of, days_left, end_of
from annotation.models import ImportRun, Task
from annotation.overview import due_counts, page_of_tasks, tasks_in
from annotation.routing import reason_for
from annotation.services import due_days
from annotation.services.archive_project import archive_project
from annotation.services.claim import take, take_next
from annotation.services.due_days import remind_of_due_days, set_due_day
from audit.models import Event
from experts.enums import Delivery, NotificationKind, Role
from experts.errors import ProjectArchived
from experts.models import Notification
from experts.services.mail import mail_digests
from experts.services.notify import choose_delivery
from lib.errors import Invalid, NotAllowed
from review.enums import Verdict
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted
from tests.factories.experts import ProjectFactory, person_with
from tests.factories.review import judged

TODAY = datetime(2027, 1, 29, 15, tzinfo=UTC)
DAY = TODAY.date() + timedelta(days=2)


@pytest.fixture
def make(studio):
    def make_task(**fields):
        instruction = InstructionFactory(project=studio.project, domain=studio.domain)
        return TaskFactory(instruction=instruction, **fields)

    return make_task


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Turn it with `clock(moment)`."""

    def turn(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        monkeypatch.setattr("annotation.due.now", lambda: moment)

    turn(TODAY)
    return turn


def day_set(studio, day, **meant):
    return set_due_day(project=studio.project, actor=studio.lead, day=day, **meant)


def due_on(task):
    task.refresh_from_db()
    return day_of(task.due_at) if task.due_at else None


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Tokyo", "UTC", "Etc/GMT+12"])
def test_nobody_is_late_on_the_day_itself_by_their_own_clock(zone):
    last = datetime(DAY.year, DAY.month, DAY.day, 23, 59, 59, tzinfo=ZoneInfo(zone))
    assert last < end_of(DAY)
    assert day_of(end_of(DAY)) == DAY


def test_a_day_is_over_when_it_is_over_everywhere(studio, make, clock):
    task = make(due_at=end_of(DAY))
    for moment, late in ((end_of(DAY) - timedelta(seconds=1), 0), (end_of(DAY), 1)):
        clock(moment + timedelta(microseconds=1))
        assert tasks_in(studio.project, {"due": "overdue"}).count() == late
    assert days_left(task.due_at) == -1


@pytest.mark.parametrize("role", ["writer", "expert", "format", "observer"])
def test_only_leads_set_it(studio, make, client, role):
    task = make()
    person = person_with(studio.project, Role(role))
    for wrong in (person, person_with(ProjectFactory(), Role.LEAD)):
        with pytest.raises(NotAllowed):
            set_due_day(project=studio.project, actor=wrong, day=DAY, tasks=[task.pk])
        client.force_login(wrong)
        answer = client.post(
            reverse("projects:tasks-due", args=[studio.project.slug]),
            {"task": task.pk, "day": DAY.isoformat()},
        )
        assert answer.status_code == 403
    assert due_on(task) is None


def test_tasks_of_another_project_are_left_alone(studio, make):
    own, foreign = make(), TaskFactory()
    assert day_set(studio, DAY, tasks=[own.pk, foreign.pk]) == 1
    assert (due_on(own), due_on(foreign)) == (DAY, None)
    with pytest.raises(Invalid):
        day_set(studio, DAY, tasks=[foreign.pk])


def test_what_is_finished_keeps_what_it_had(studio, make):
    done, open_one = make(), make()
    submitted(done, studio.writer)
    judged(studio.expert)
    judged(studio.format)
    assert day_set(studio, DAY, chosen={}) == 1
    assert (due_on(done), due_on(open_one)) == (None, DAY)
    with pytest.raises(Invalid):
        day_set(studio, DAY, tasks=[done.pk])


def test_a_day_that_is_over_is_refused_and_none_takes_it_away(studio, make):
    task = make()
    day_set(studio, TODAY.date(), tasks=[task.pk])
    with pytest.raises(Invalid, match="over"):
        day_set(studio, TODAY.date() - timedelta(days=2), tasks=[task.pk])
    assert due_on(task) == TODAY.date()
    day_set(studio, None, tasks=[task.pk])
    assert due_on(task) is None


def test_an_archived_project_takes_no_day(studio, make):
    task = make()
    archive_project(project=studio.project, actor=studio.lead, reason="Done.")
    with pytest.raises(ProjectArchived):
        day_set(studio, DAY, tasks=[task.pk])


def test_too_many_at_once_are_refused_in_words(studio, make, monkeypatch):
    monkeypatch.setattr(due_days, "MOST", 1)
    make(), make()
    with pytest.raises(Invalid, match="more than 1 tasks"):
        day_set(studio, DAY, chosen={})


def test_all_of_a_list_in_several_chunks(studio, make, monkeypatch):
    monkeypatch.setattr(due_days, "_CHUNK", 2)
    tasks = [make() for _ in range(5)]
    assert day_set(studio, DAY, chosen={}) == 5
    assert {due_on(task) for task in tasks} == {DAY}
    assert day_set(studio, DAY + timedelta(days=1), chosen={"due": "soon"}) == 5
    assert {due_on(task) for task in tasks} == {DAY + timedelta(days=1)}


def test_all_of_one_import(studio, make):
    other = make()
    run = ImportRun.objects.create(
        project=studio.project, name="a.jsonl", size=1, created_by=studio.lead
    )
    instruction = InstructionFactory(project=studio.project, domain=studio.domain, import_run=run)
    mine = TaskFactory(instruction=instruction)
    assert day_set(studio, DAY, chosen={"import": str(run.pk)}) == 1
    assert (due_on(mine), due_on(other)) == (DAY, None)


def test_one_event_says_what_was_set_for_how_many(studio, make):
    one, two = make(), make()
    day_set(studio, DAY, tasks=[one.pk, two.pk])
    day_set(studio, DAY, chosen={"state": "open", "author": ""})
    day_set(studio, None, tasks=[one.pk])
    some, listed, single = Event.objects.filter(verb="annotation.due_day_set").order_by("id")
    assert some.data == {"day": DAY.isoformat(), "tasks": 2, "keys": [one.pk, two.pk]}
    assert listed.data == {"day": DAY.isoformat(), "tasks": 2, "chosen": {"state": "open"}}
    assert (single.object_type, single.object_id) == ("annotation.task", str(one.pk))


def test_what_is_wanted_first_comes_first_and_says_so(studio, make):
    late, soon = make(due_at=end_of(DAY + timedelta(days=9))), make()
    day_set(studio, DAY, tasks=[soon.pk])
    assignment = take_next(person=studio.writer)
    assert assignment.task == soon
    assert f"It is due on {DAY.day} January 2027." in reason_for(assignment)
    assert due_on(late) == DAY + timedelta(days=9)


def test_pages_by_day_hold_every_row_once_and_lead_back(studio, make):
    days = [DAY, DAY, DAY + timedelta(days=1), DAY + timedelta(days=1), DAY + timedelta(days=3)]
    tasks = [make(due_at=end_of(day)) for day in reversed(days)]
    make()
    wanted = sorted(tasks, key=lambda task: (task.due_at, task.pk))
    asked, seen, back = {"due": "any"}, [], ""
    while True:
        page = page_of_tasks(studio.project, asked, size=2)
        seen += page.rows
        back = page.previous or back
        if not page.next:
            break
        asked = {name: value for name, (value,) in parse_qs(urlsplit(page.next).query).items()}
    assert seen == wanted
    assert asked["due"] == "any"
    asked = {name: value for name, (value,) in parse_qs(urlsplit(back).query).items()}
    assert page_of_tasks(studio.project, asked, size=2).rows == wanted[2:4]


def test_a_foreign_key_is_no_place_in_the_list(studio, make):
    mine, foreign = make(due_at=end_of(DAY)), TaskFactory(due_at=end_of(DAY + timedelta(days=9)))
    asked = {"due": "any", "after": str(foreign.pk)}
    assert page_of_tasks(studio.project, asked).rows == [mine]


def test_every_figure_about_days_is_the_number_of_its_rows(studio, make, client):
    make(due_at=end_of(TODAY.date() - timedelta(days=3)))
    make(due_at=end_of(DAY))
    make(due_at=end_of(DAY + timedelta(days=30)))
    client.force_login(studio.lead)
    assert [(word, number) for word, _, number in due_counts(studio.project)] == [
        ("overdue", 1),
        ("soon", 1),
    ]
    for word, number in (("overdue", 1), ("soon", 1), ("any", 3), ("none", 0)):
        page = client.get(reverse("projects:tasks", args=[studio.project.slug]), {"due": word})
        assert page.context["count"] == len(page.context["shown"].rows) == number


def test_overdue_is_said_in_words_to_leads_and_writers(studio, make, client, clock):
    task = make(due_at=end_of(DAY))
    take(person=studio.writer, task_id=task.pk)
    make(due_at=end_of(DAY))
    clock(end_of(DAY) + timedelta(hours=1))
    for person, name, args in (
        (studio.lead, "projects:tasks", [studio.project.slug]),
        (studio.lead, "projects:task", [studio.project.slug, task.pk]),
        (studio.writer, "write:home", []),
        (studio.writer, "write:task", [task.pk]),
        (studio.writer, "write:browse", []),
    ):
        client.force_login(person)
        page = client.get(reverse(name, args=args)).content.decode()
        assert "Overdue since" in page, name
        assert f'datetime="{DAY.isoformat()}" data-local="day"' in page, name


def test_the_list_sets_it_and_comes_back_as_it_was(studio, make, client):
    task = make()
    client.force_login(studio.lead)
    address = reverse("projects:tasks-due", args=[studio.project.slug])
    sent = {"task": task.pk, "which": "ticked", "day": DAY.isoformat(), "state": "open"}
    answer = client.post(address, sent, follow=True)
    assert answer.redirect_chain == [
        (reverse("projects:tasks", args=[studio.project.slug]) + "?state=open", 302)
    ]
    assert "1 task is due on 31 January 2027." in answer.content.decode()
    assert due_on(task) == DAY
    for wrong in ({"day": "tomorrow"}, {"task": "", "day": DAY.isoformat()}, {"day": "1999-01-01"}):
        assert client.post(address, {**sent, **wrong}).status_code == 422
    assert due_on(task) == DAY


def test_programs_read_the_day(studio, make, client):
    make(due_at=end_of(DAY)), make()
    client.force_login(studio.lead)
    address = reverse("api-tasks", args=[studio.project.slug])
    assert [row["due_on"] for row in client.get(address).json()["results"]] == [
        DAY.isoformat(),
        None,
    ]
    (row,) = client.get(address, {"due": "soon"}).json()["results"]
    assert row["due_on"] == DAY.isoformat()


def test_who_is_writing_hears_of_the_day_and_is_reminded_once_each(studio, make, clock):
    task, nobodys = make(), make()
    take(person=studio.writer, task_id=task.pk)
    far = DAY + timedelta(days=20)
    day_set(studio, far, tasks=[task.pk, nobodys.pk])
    assert remind_of_due_days() == 0
    for days, told in ((-3, 0), (-2, 1), (-1, 0), (0, 0), (2, 1), (3, 0)):
        clock(datetime(far.year, far.month, far.day, 13, tzinfo=UTC) + timedelta(days=days))
        assert (remind_of_due_days(), days) == (told, days)
        assert remind_of_due_days() == 0
    titles = list(Notification.objects.order_by("id").values_list("title", flat=True))
    assert titles == [
        "What you are writing is due on 20 February 2027",
        "A response of yours is due on 20 February 2027",
        "A response of yours was due on 20 February 2027",
    ]


def test_returned_work_is_reminded_of_and_handed_in_work_is_not(studio, make):
    returned, with_others = make(), make()
    for task in (returned, with_others):
        submitted(task, studio.writer)
    seat = judged(studio.expert, Verdict.REQUEST_CHANGES).seat
    Task.objects.update(due_at=end_of(DAY))
    assert remind_of_due_days() == 1
    told = Notification.objects.get(kind=NotificationKind.DUE)
    assert told.url == reverse("write:task", args=[seat.task_id])


def test_the_daily_mail_tells_of_it(studio, make, clock):
    task = make()
    take(person=studio.writer, task_id=task.pk)
    choose_delivery(person=studio.writer, choices={NotificationKind.DUE: Delivery.DAILY})
    Task.objects.update(due_at=end_of(DAY))
    remind_of_due_days()
    mail.outbox.clear()
    assert mail_digests() == 1
    assert "A response of yours is due on 31 January 2027" in mail.outbox[0].subject
    assert "Due days of your work" in mail.outbox[0].body
