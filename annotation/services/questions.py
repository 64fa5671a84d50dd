"""Questions about a task to a person by name: who may be asked, asking, answering.

Writing and reviewing are blind to each other, so nobody can ask across: an author never asks a reviewer of the
task, nor a reviewer its author. Leads can always be asked.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from annotation.errors import NotYourTask
from annotation.models import Assignment, Question, Task
from audit.services import record
from experts.enums import NotificationKind, Role
from experts.models import Membership, User
from experts.queries import projects_held_by
from experts.services.notify import notify
from lib.errors import Invalid

LONGEST = 4_000


@dataclass(frozen=True)
class Askable:
    """Somebody who can be asked, with their parts in the project in words."""

    person: User
    part: str


class Message(Protocol):
    """What is needed of one message of a thread here."""

    pk: Any
    thread_id: Any
    author: Any
    to: Any


@dataclass(frozen=True)
class Thread:
    """A question with what was said after it. `mine` is whether the person looking takes part in it."""

    first: Message
    messages: list[Message]
    mine: bool


# Where a thread is read that began elsewhere than on the writing pages: known above only, registered there.
_read_at: list[Callable[[Question], str]] = []


def on_read(place: Callable[[Question], str]) -> None:
    """Have `place(first message)` name the page of a thread; an empty name leaves it to the writing pages."""
    _read_at.append(place)


def people_to_ask(person: User, task: Task) -> list[Askable]:
    """Whom this person may ask about a task."""
    return people_in(task.project_id, person=person, concerned=_concerned(task))


def people_in(project_id: int, *, person: User, concerned: Collection[int]) -> list[Askable]:
    """Leads first (administrators where a project has none), then the members who are not `concerned`."""
    members = (
        Membership.objects.filter(project=project_id, paused_at=None, person__is_active=True)
        .exclude(person=person)
        .select_related("person")
        .order_by("person__name", "person_id")
    )
    roles: dict[User, list[Role]] = {}
    for member in members:
        roles.setdefault(member.person, []).append(Role(member.role))
    ranked = sorted(roles.items(), key=lambda entry: Role.LEAD not in entry[1])
    found = [
        Askable(one, ", ".join(role.label.lower() for role in held))
        for one, held in ranked
        if Role.LEAD in held or one.pk not in concerned
    ]
    if any(Role.LEAD in held for held in roles.values()):
        return found
    known = [person.pk, *(one.pk for one in roles)]
    others = User.objects.filter(is_active=True, is_superuser=True).exclude(pk__in=known)
    return [*(Askable(one, "administrator") for one in others), *found]


def threads_of(person: User, task: Task) -> list[Thread]:
    """The threads of this task that the person takes part in; a lead of the project sees all of them."""
    asked = Question.objects.filter(task=task).select_related("author", "to")
    if not projects_held_by(person, Role.LEAD).filter(pk=task.project_id).exists():
        asked = asked.filter(Q(author=person) | Q(to=person))
    return threads_in(asked, person)


def threads_in(messages: Iterable[Message], person: User) -> list[Thread]:
    """Messages in the order of their keys as threads."""
    found = list(messages)
    return [
        Thread(
            first,
            [first, *(one for one in found if one.thread_id == first.pk)],
            person in (first.author, first.to),
        )
        for first in found
        if first.thread_id is None
    ]


def may_ask(person: User, task: Task) -> bool:
    """Whether the person writes or reviews this task, now or before."""
    written = Assignment.objects.filter(task=task, expert=person).exists()
    return written or task.seats.filter(reviewer=person).exists()


@transaction.atomic
def ask(*, person: User, task: Task, to: str, body: str) -> Question:
    """Put a question to the person with the pseudonym `to`; raises NotYourTask or Invalid."""
    if not may_ask(person, task):
        raise NotYourTask
    askable = {str(one.person.pseudonym): one.person for one in people_to_ask(person, task)}
    if to not in askable:
        raise Invalid("This person cannot be asked about this task.", advice="Choose another one.")
    made = Question.objects.create(
        task=task, author=person, to=askable[to], body=words_in(body, "question")
    )
    _tell(made, made, f"{person} asks you something")
    return made


@transaction.atomic
def answer(*, person: User, question_id: int, body: str) -> Question:
    """Say the next thing in a thread that this person takes part in; raises NotYourTask or Invalid."""
    first = (
        Question.objects.filter(pk=question_id, thread=None)
        .filter(Q(author=person) | Q(to=person))
        .select_related("task__instruction", "author", "to")
        .first()
    )
    if first is None or not projects_held_by(person).filter(pk=first.task.project_id).exists():
        raise NotYourTask("This question is not yours to answer.")
    other = first.author if person == first.to else first.to
    made = Question.objects.create(
        task=first.task, thread=first, author=person, to=other, body=words_in(body, "answer")
    )
    answered = "answered your question" if other == first.author else "wrote again"
    _tell(made, first, f"{person} {answered}")
    return made


def _concerned(task: Task) -> set[int]:
    """Whoever writes or reviews this task: asked by name, one side would learn who the other is."""
    writers = Assignment.objects.filter(task=task).values_list("expert", flat=True)
    reviewers = task.seats.exclude(reviewer=None).values_list("reviewer", flat=True)
    return {*writers, *reviewers}


def words_in(body: str, what: str) -> str:
    """What was typed as it is kept; raises Invalid for nothing and for too much."""
    words = body.replace("\x00", "").strip()
    if not words:
        raise Invalid(f"The {what} is empty.", advice="Write it, then send it.")
    if len(words) > LONGEST:
        raise Invalid(
            f"The {what} has {len(words):,} characters; {LONGEST:,} can be sent.",
            advice="Shorten it.",
            kept_text=body,
        )
    return words


def _tell(message: Question, first: Question, title: str) -> None:
    task = message.task
    record(
        verb="annotation.question_asked" if message is first else "annotation.question_answered",
        actor=message.author,
        target=task,
        project_id=task.project_id,
        to=message.to.pseudonym,
    )
    notify(
        person=message.to,
        kind=NotificationKind.QUESTION,
        key=f"question-{message.pk}",
        title=title,
        body=f"{task.instruction.title}\n\n{message.body}",
        url=f"{_page_of(first)}#question-{first.pk}",
    )


def _page_of(first: Question) -> str:
    places = (place(first) for place in _read_at)
    return next(filter(None, places), "") or reverse("write:questions", args=[first.task_id])
