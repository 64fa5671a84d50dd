"""What one person can do now: the home page's reading of every part, most pressing first."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from annotation.enums import TaskState
from annotation.models import Task
from annotation.queries import live_work_of, returned_to
from annotation.routing import open_count_for
from config.navigation import Place
from experts.enums import CredentialState
from experts.models import Credential, User
from experts.queries import people_seen_by, projects_of
from exports.enums import ReleaseState
from exports.models import Release
from exports.queries import datasets_seen_by
from review.queries import seats_of, waiting_for

# A count on the home page stops here: more says nothing more, and would cost more.
MOST = 100


@dataclass(frozen=True)
class Step:
    """One place with what waits there, as the home page shows it.

    `action` is the one thing to do there; `posts` says whether it takes something (a form) or only
    leads somewhere (a link). `waiting` is how much there is, for the order of the page.
    """

    place: Place
    said: tuple[str, ...]
    action: str = ""
    url: str = ""
    posts: bool = False
    waiting: int = 0


def steps_for(person: User, places: list[Place]) -> list[Step]:
    """One step for each place open to this person; where something waits comes first."""
    steps = [READINGS[place.label](person, place) for place in places]
    return sorted(steps, key=lambda step: (not step.action, step.waiting == 0))


def _write(person: User, place: Place) -> Step:
    returned = returned_to(person).filter(task__project__archived_at=None).count()
    free = open_count_for(person, MOST)
    live = live_work_of(person).order_by("-saved_at").first()
    said = (
        _counted(returned, "came back to you with questions", "came back to you with questions"),
        _counted(free, "task is open for you", "tasks are open for you") or _nothing_open(person),
    )
    if live is not None:
        title = live.task.instruction.title
        return Step(
            place,
            _told(f"You are writing “{title}”.", *said),
            "Go on writing",
            f"/write/{live.task_id}/",
            waiting=1,
        )
    if returned or free:
        return Step(
            place,
            _told(*said),
            "Take next task",
            reverse("write:next"),
            posts=True,
            waiting=returned + free,
        )
    return Step(place, _told(*said))


def _nothing_open(person: User) -> str:
    held = Credential.objects.filter(person=person, state=CredentialState.VERIFIED)
    if held.exists():
        return "No task in your fields is open right now."
    return "Tasks reach you once a credential of yours is verified."


def _review(person: User, place: Place) -> Step:
    held = seats_of(person).count()
    stages = [stage for stage in waiting_for(person) if stage.count is None or stage.count]
    free = sum(MOST if stage.count is None else stage.count for stage in stages)
    said = (
        _counted(held, "review is with you", "reviews are with you"),
        *(f"{_number(stage.count)} free for {stage.stage.title.lower()}." for stage in stages),
    )
    if held or free:
        return Step(
            place,
            _told(*said),
            "Take next review",
            reverse("review:take-next"),
            posts=True,
            waiting=held + free,
        )
    return Step(place, ("Nothing waits for a review by you.",))


def _datasets(person: User, place: Place) -> Step:
    datasets = datasets_seen_by(person)
    releases = Release.objects.filter(dataset__in=datasets)
    ready = releases.filter(state=ReleaseState.READY).count()
    said = (
        _counted(ready, "release is ready to publish", "releases are ready to publish"),
        _counted(datasets.count(), "dataset", "datasets") or "There is no dataset yet.",
    )
    return Step(place, _told(*said), waiting=ready)


def _people(person: User, place: Place) -> Step:
    pending = Credential.objects.filter(
        person__in=people_seen_by(person), state=CredentialState.PENDING
    )
    waiting = _up_to_most(pending)
    said = _counted(waiting, "credential waits to be verified", "credentials wait to be verified")
    return Step(place, (said or "No credential waits to be verified.",), waiting=waiting)


def _projects(person: User, place: Place) -> Step:
    projects = projects_of(person)
    disputed = _up_to_most(Task.objects.filter(project__in=projects, state=TaskState.ADJUDICATION))
    said = (
        _counted(disputed, "response waits for adjudication", "responses wait for adjudication"),
        _counted(projects.count(), "project is running", "projects are running")
        or "There is no project yet.",
    )
    return Step(place, _told(*said), waiting=disputed)


READINGS: dict[str, Callable[[User, Place], Step]] = {
    "Write": _write,
    "Review": _review,
    "Datasets": _datasets,
    "People": _people,
    "Projects": _projects,
}


def _up_to_most(found: QuerySet[Task] | QuerySet[Credential]) -> int:
    return found.order_by()[:MOST].count()


def _counted(number: int, one: str, many: str) -> str:
    """A sentence such as “3 tasks are open for you.”, or nothing for none."""
    return f"{_number(number)} {one if number == 1 else many}." if number else ""


def _number(number: int | None) -> str:
    return f"{MOST} or more" if number is None or number >= MOST else str(number)


def _told(*sentences: str) -> tuple[str, ...]:
    return tuple(filter(None, sentences))
