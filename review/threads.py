"""Comments as a page shows them: threads, each with where its passage is in the text now, names hidden."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from annotation.models import Task
from experts.models import User
from review.anchors import Anchor, Place, anchor_from, place_of
from review.diff import Part, changed_words
from review.models import Comment
from review.stages import by_slug


@dataclass(frozen=True)
class Line:
    """One comment or answer with a name that gives nobody away."""

    comment: Comment
    who: str
    mine: bool


@dataclass(frozen=True)
class Thread:
    """A comment, its answers, its passage. `place` None with an `anchor` says that the text is gone."""

    top: Line
    anchor: Anchor | None
    place: Place | None
    answers: Sequence[Line] = ()
    change: Sequence[Part] = field(default_factory=list)

    @property
    def is_gone(self) -> bool:
        """Whether the passage it speaks of is not in the text any more."""
        return self.anchor is not None and self.place is None

    @property
    def is_open(self) -> bool:
        """Whether nobody has settled it yet."""
        return self.top.comment.resolved_at is None


def threads_of(task: Task, *, text: str, viewer: User, blind: bool = True) -> list[Thread]:
    """All threads on a task with their places in `text`, open ones first, each in order of the text.

    A blind viewer sees the threads that they may: the author all of them, a reviewer those of their own
    stage (what another stage said would colour their judgement).
    """
    comments = list(Comment.objects.filter(task=task).select_related("author").order_by("id"))
    answers: dict[int, list[Comment]] = {}
    for comment in comments:
        if comment.parent_id:
            answers.setdefault(comment.parent_id, []).append(comment)
    tops = [comment for comment in comments if comment.parent_id is None]
    if blind and viewer.pk != task.author_id:
        tops = [comment for comment in tops if comment.author_id == viewer.pk]
    threads = [
        _thread(comment, answers.get(comment.pk, []), text, task, viewer) for comment in tops
    ]
    return sorted(threads, key=_order)


def _thread(
    comment: Comment, answers: Sequence[Comment], text: str, task: Task, viewer: User
) -> Thread:
    anchor = anchor_from(comment.anchor)
    change = (
        changed_words(anchor.quote, comment.suggestion)
        if anchor and comment.suggestion is not None
        else []
    )
    return Thread(
        top=_line(comment, task, viewer),
        anchor=anchor,
        place=place_of(anchor, text) if anchor else None,
        answers=[_line(answer, task, viewer) for answer in answers],
        change=change,
    )


def _line(comment: Comment, task: Task, viewer: User) -> Line:
    mine = comment.author_id == viewer.pk
    if mine:
        return Line(comment, "You", mine)
    if comment.author_id == task.author_id:
        return Line(comment, "The author", mine)
    title = by_slug(comment.stage).title if comment.stage else "Review"
    return Line(comment, title, mine)


def _order(thread: Thread) -> tuple[bool, int, int]:
    return (not thread.is_open, thread.place.start if thread.place else -1, thread.top.comment.pk)
