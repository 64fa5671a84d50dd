"""Say something about a passage, answer it, settle it; suggest an edit and answer that."""

from django.db import transaction
from django.utils import timezone

from annotation.enums import TaskState
from annotation.models import Task
from annotation.services.move import lock_task
from audit.services import record
from experts.models import User
from lib.errors import Invalid, NotAllowed, NotFound
from review.anchors import Anchor, selected
from review.enums import Answer, SeatState
from review.errors import EditNotMade, NotYourSeat, PassageGone, SuggestionNotOpen
from review.models import Comment, Review, Seat

LONGEST = 10_000


@transaction.atomic
def add_comment(
    *,
    person: User,
    seat_id: int,
    body: str,
    quote: str = "",
    prefix: str = "",
    suffix: str = "",
    suggestion: str | None = None,
) -> Comment:
    """A reviewer's comment from their seat, on the selected passage or (without one) on the whole.

    With `suggestion` the passage should be replaced by it. Raises PassageGone when the passage is not in
    the revision that the seat judges; the words come back.
    """
    seat = Seat.objects.select_related("revision").filter(pk=seat_id, reviewer=person).first()
    if seat is None or seat.state not in {SeatState.HELD, SeatState.RESERVED}:
        raise NotYourSeat(kept_text=body)
    anchor = selected(seat.revision.text, quote=quote, prefix=prefix, suffix=suffix)
    words = remark_in(body, anchor=anchor, quote=quote, suggestion=suggestion)
    return _said(
        person=person,
        task=seat.task,
        revision_id=seat.revision_id,
        body=words,
        stage=seat.stage,
        anchor=anchor.as_json() if anchor else {},
        suggestion=suggestion,
    )


def remark_in(body: str, *, anchor: Anchor | None, quote: str, suggestion: str | None) -> str:
    """The words of a comment as they are kept; raises PassageGone, or Invalid for nothing and for too much."""
    if anchor is None and (quote.strip() or suggestion is not None):
        raise PassageGone(kept_text=body or suggestion or "")
    return _words(body or ("Suggested edit" if suggestion is not None else ""), suggestion)


@transaction.atomic
def answer_comment(*, person: User, comment_id: int, body: str) -> Comment:
    """An answer in a thread, by its reviewer or by the author of the response."""
    thread = _thread(comment_id)
    stage = _stage_of(person, thread.task)
    return _said(
        person=person,
        task=thread.task,
        revision_id=thread.revision_id,
        body=body,
        stage=stage,
        parent=thread,
    )


@transaction.atomic
def settle_comment(*, person: User, comment_id: int, settled: bool) -> Comment:
    """Mark a thread as resolved, or open it again."""
    thread = _thread(comment_id)
    _stage_of(person, thread.task)
    thread.resolved_at = timezone.now() if settled else None
    thread.resolved_by = person if settled else None
    thread.save(update_fields=["resolved_at", "resolved_by"])
    if not settled and thread.answer and thread.task.author_id == person.pk:
        thread.answer, thread.answered_at = "", None  # the author may answer the suggestion anew
        thread.save(update_fields=["answer", "answered_at"])
    verb = "review.comment_resolved" if settled else "review.comment_reopened"
    record(
        verb=verb,
        actor=person,
        target=thread,
        project_id=thread.task.project_id,
        task=thread.task_id,
    )
    return thread


@transaction.atomic
def answer_suggestion(
    *, person: User, comment_id: int, answer: Answer, made: bool = False
) -> Comment:
    """The author takes a suggested edit over or declines it. The edit itself happens in the editor, whose
    log says that these words are the reviewer's; here it is noted for the record. `made` says that the
    editor has just made it; without that the draft is asked, so that nothing is noted that was not done.
    """
    comment = _thread(comment_id)
    if comment.task.author_id != person.pk:
        raise NotAllowed("Only the author of the response answers a suggested edit.")
    if comment.suggestion is None:
        raise Invalid("This comment suggests no edit.")
    if comment.task.state != TaskState.WRITING:
        raise SuggestionNotOpen
    if answer == Answer.ACCEPTED and not made and not _is_made(comment, person):
        raise EditNotMade
    comment.answer = answer
    comment.answered_at = comment.resolved_at = timezone.now()
    comment.resolved_by = person
    comment.save(update_fields=["answer", "answered_at", "resolved_at", "resolved_by"])
    record(
        verb=f"review.suggestion_{answer}",
        actor=person,
        target=comment,
        project_id=comment.task.project_id,
        task=comment.task_id,
    )
    return comment


def _is_made(comment: Comment, person: User) -> bool:
    """Whether the draft reads as the suggestion has it."""
    draft = comment.task.assignments.filter(expert=person).first()
    text = "\n\n".join(draft.fields.values()) if draft is not None else ""
    suggested = (comment.suggestion or "").strip()
    return suggested in text if suggested else str(comment.anchor.get("quote")) not in text


def _thread(comment_id: int) -> Comment:
    comment = (
        Comment.objects.select_for_update(of=("self",))
        .select_related("task")
        .filter(pk=comment_id, parent=None)
        .first()
    )
    if comment is None:
        raise NotFound("There is no such comment.")
    return comment


def _stage_of(person: User, task: Task) -> str:
    """The stage this person speaks from: theirs as a reviewer, none as the author."""
    if task.author_id == person.pk:
        return ""
    seat = Seat.objects.filter(task=task, reviewer=person).first()
    judged = seat or Review.objects.filter(task=task, reviewer=person).first()
    if judged is None:
        raise NotAllowed("Only the author and the reviewers of a response speak about it here.")
    return judged.stage


def _said(
    *,
    person: User,
    task: Task,
    revision_id: int,
    body: str,
    stage: str,
    anchor: dict[str, object] | None = None,
    suggestion: str | None = None,
    parent: Comment | None = None,
) -> Comment:
    words = _words(body, suggestion)
    lock_task(task.pk)
    comment = Comment.objects.create(
        task=task,
        revision_id=revision_id,
        author=person,
        stage=stage,
        anchor=anchor or {},
        body=words,
        suggestion=suggestion,
        parent=parent,
    )
    record(
        verb="review.comment_made",
        actor=person,
        target=comment,
        project_id=task.project_id,
        task=task.pk,
    )
    return comment


def _words(body: str, suggestion: str | None) -> str:
    if not body.strip():
        raise Invalid("A comment needs words.", advice="Say what you mean, then send it.")
    if len(body) > LONGEST or len(suggestion or "") > LONGEST:
        raise Invalid(f"A comment holds {LONGEST:,} characters at most.", kept_text=body)
    return body.strip()
