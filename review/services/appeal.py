"""The author asks for a third person's judgement."""

from django.db import transaction

from annotation.enums import TaskState
from annotation.errors import PlaceTaken
from annotation.services.ask_again import make_room
from annotation.services.move import lock_task, move_task
from experts.models import User
from review.errors import AppealRefused
from review.models import Appeal

OPEN_TO_APPEAL = {TaskState.CHANGES_REQUESTED, TaskState.REJECTED}


@transaction.atomic
def appeal(*, person: User, task_id: int, words: str) -> Appeal:
    """Bring a verdict before a third person, in the author's own words; once for each revision."""
    task = lock_task(task_id)
    if task.author_id != person.pk:
        raise AppealRefused("Only the author can appeal.", kept_text=words)
    if not words.strip():
        raise AppealRefused(
            "An appeal needs your reasons.", advice="Say why the verdict should be looked at again."
        )
    if task.state not in OPEN_TO_APPEAL:
        raise AppealRefused(kept_text=words)
    if Appeal.objects.filter(revision=task.current_revision).exists():
        raise AppealRefused(
            "This verdict has been appealed once already.",
            advice="What the third person decided stands for this revision.",
            kept_text=words,
        )
    try:
        make_room(task=task, actor=person)
    except PlaceTaken as taken:
        raise AppealRefused(
            "Another expert has begun a response in place of yours.",
            advice="Ask a lead of the project to look at the verdict with you.",
            kept_text=words,
        ) from taken
    assert task.current_revision is not None
    made = Appeal.objects.create(
        task=task, revision=task.current_revision, author=person, words=words.strip()
    )
    move_task(task=task, verb="appeal", actor=person, revision=task.current_revision.number)
    return made
