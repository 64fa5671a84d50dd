"""Ask and answer from a review, by its address."""

from django.db import transaction
from django.urls import reverse

from annotation.errors import NotYourTask
from annotation.services import questions
from audit.services import record
from experts.enums import NotificationKind
from experts.models import User
from experts.services.notify import notify
from lib.errors import Invalid
from review.asking import people_for_sitting
from review.errors import NotYourSeat
from review.models import CalibrationQuestion, CalibrationSitting, Seat
from review.queries import title_of


@transaction.atomic
def ask_here(*, person: User, address: int, to: str, body: str) -> None:
    """Put a question to the person with the pseudonym `to`."""
    seat = Seat.objects.select_related("task__instruction").filter(pk=address).first()
    if seat is not None:
        questions.ask(person=person, task=seat.task, to=to, body=body)
        return
    sitting = _sitting(address)
    if sitting.reviewer_id != person.pk:
        raise NotYourSeat(kept_text=body)
    people = people_for_sitting(person, sitting.item)
    asked = {str(one.person.pseudonym): one.person for one in people}
    if to not in asked:
        raise Invalid("This person cannot be asked about this task.", advice="Choose another one.")
    made = CalibrationQuestion.objects.create(
        sitting=sitting, author=person, to=asked[to], body=questions.words_in(body, "question")
    )
    _tell(made, made, f"{person} asks you something")


@transaction.atomic
def answer_here(*, person: User, address: int, thread_id: int, body: str) -> None:
    """Say the next thing in a thread that this person takes part in."""
    if Seat.objects.filter(pk=address).exists():
        questions.answer(person=person, question_id=thread_id, body=body)
        return
    threads = CalibrationQuestion.objects.select_related("author", "to")
    first = threads.filter(sitting=_sitting(address), thread=None, pk=thread_id).first()
    if first is None or person not in (first.author, first.to):
        raise NotYourTask("This question is not yours to answer.")
    other = first.author if person == first.to else first.to
    made = CalibrationQuestion.objects.create(
        sitting=first.sitting,
        thread=first,
        author=person,
        to=other,
        body=questions.words_in(body, "answer"),
    )
    answered = "answered your question" if other == first.author else "wrote again"
    _tell(made, first, f"{person} {answered}")


def _sitting(address: int) -> CalibrationSitting:
    sitting = CalibrationSitting.objects.select_related("item__project").filter(pk=address).first()
    if sitting is None:
        raise NotYourSeat
    return sitting


def _tell(message: CalibrationQuestion, first: CalibrationQuestion, title: str) -> None:
    sitting = message.sitting
    asked = "annotation.question_asked" if message is first else "annotation.question_answered"
    record(  # the event of any question: people may see their own events
        verb=asked,
        actor=message.author,
        target=sitting,
        project_id=sitting.item.project_id,
        to=message.to.pseudonym,
    )
    notify(
        person=message.to,
        kind=NotificationKind.QUESTION,
        key=f"question-{message.pk}",
        title=title,
        body=f"{title_of(sitting.item.content['messages'])}\n\n{message.body}",
        url=f"{reverse('review:ask', args=[sitting.pk])}#question-{first.pk}",
    )
