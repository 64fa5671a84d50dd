"""Comments as a page shows them: threads, each with where its passage is in the text now, names hidden."""

from collections.abc import Mapping, Sequence
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


def threads_of(
    task: Task, *, text: str, viewer: User, titles: Mapping[int, str] | None = None
) -> list[Thread]:
    """The threads on a task that `viewer` may read, with their places in `text`, open ones first, each in
    order of the text.

    The author reads all of them, a reviewer their own (what others said would colour their judgement). Who
    settles a dispute reads all too: `titles` says what stands in place of each reviewer's name.
    """
    comments = list(Comment.objects.filter(task=task).select_related("author").order_by("id"))
    answers: dict[int, list[Comment]] = {}
    for comment in comments:
        if comment.parent_id:
            answers.setdefault(comment.parent_id, []).append(comment)
    tops = [comment for comment in comments if comment.parent_id is None]
    if titles is None and viewer.pk != task.author_id:
        tops = [comment for comment in tops if comment.author_id == viewer.pk]
    threads = [
        _thread(comment, answers.get(comment.pk, []), text, _Namer(task, viewer, titles or {}))
        for comment in tops
    ]
    return sorted(threads, key=_order)


def _thread(comment: Comment, answers: Sequence[Comment], text: str, name: "_Namer") -> Thread:
    anchor = anchor_from(comment.anchor)
    change = (
        changed_words(anchor.quote, comment.suggestion)
        if anchor and comment.suggestion is not None
        else []
    )
    return Thread(
        top=name.line(comment),
        anchor=anchor,
        place=place_of(anchor, text) if anchor else None,
        answers=[name.line(answer) for answer in answers],
        change=change,
    )


@dataclass(frozen=True)
class _Namer:
    """What `viewer` reads in place of names."""

    task: Task
    viewer: User
    titles: Mapping[int, str]

    def line(self, comment: Comment) -> Line:
        mine = comment.author_id == self.viewer.pk
        if mine:
            return Line(comment, "You", mine)
        if comment.author_id == self.task.author_id:
            return Line(comment, "The author", mine)
        title = by_slug(comment.stage).title if comment.stage else "Review"
        return Line(comment, self.titles.get(comment.author_id, title), mine)


def _order(thread: Thread) -> tuple[bool, int, int]:
    return (not thread.is_open, thread.place.start if thread.place else -1, thread.top.comment.pk)
