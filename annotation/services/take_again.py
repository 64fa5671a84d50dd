"""Go on with a task that one had before: a lease that ran out, a skip thought over, returned work."""

from django.db import transaction

from annotation.enums import TaskState
from annotation.errors import NotYourTask
from annotation.models import Assignment
from annotation.services.claim import resume, take
from annotation.services.move import lock_task
from experts.models import User
from experts.queries import lock_person


@transaction.atomic
def take_again(*, person: User, task_id: int) -> Assignment:
    """The person's own assignment, live again with the same draft.

    Raises NothingToTake when somebody else has the task by now, NotYourTask when it never was theirs.
    """
    # The person before the task, as in every claim: two requests of theirs never wait for each other.
    lock_person(person)
    task = lock_task(task_id)
    own = Assignment.objects.filter(task=task, expert=person).first()
    if own is None:
        raise NotYourTask
    if task.state == TaskState.WRITING and task.author_id == person.pk:
        return own
    if task.state == TaskState.CHANGES_REQUESTED:
        return resume(person=person, task_id=task_id)
    return take(person=person, task_id=task_id)
