"""Fragments that the writing pages show to the author of a response: reasons, comments, appeal."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lib.htmx import go_to, respond
from lib.http import page, signed_in
from review.enums import Answer
from review.models import Comment
from review.said import said_to_author
from review.services.appeal import appeal as make_appeal
from review.services.comment import answer_comment, answer_suggestion, settle_comment
from review.views.person import person_of


@page(access=signed_in)
@require_GET
def reasons(request: HttpRequest, task_id: int) -> HttpResponse:
    """What the reviewers say to the author."""
    return _said(request, task_id)


@page(access=signed_in)
@require_POST
def appeal(request: HttpRequest, task_id: int) -> HttpResponse:
    """Bring a verdict before a third person."""
    make_appeal(person=person_of(request), task_id=task_id, words=request.POST.get("words", ""))
    messages.success(
        request, "Your appeal is with a third person now. You find the decision under “Write”."
    )
    return go_to(request, reverse("write:task", args=[task_id]))


@page(access=signed_in)
@require_POST
def answer(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Answer a comment; also for its reviewer."""
    comment = answer_comment(
        person=person_of(request), comment_id=comment_id, body=request.POST.get("body", "")
    )
    return _back(request, comment)


@page(access=signed_in)
@require_POST
def settle(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Resolve a thread, or open it again with `settled=no`."""
    settled = request.POST.get("settled") != "no"
    return _back(
        request, settle_comment(person=person_of(request), comment_id=comment_id, settled=settled)
    )


@page(access=signed_in)
@require_POST
def suggestion(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Take a suggested edit over, or decline it. The editor makes the edit; this notes the answer."""
    chosen = Answer.ACCEPTED if request.POST.get("answer") == Answer.ACCEPTED else Answer.DECLINED
    comment = answer_suggestion(
        person=person_of(request),
        comment_id=comment_id,
        answer=chosen,
        made=request.POST.get("made") == "yes",
    )
    return _back(request, comment)


def _back(request: HttpRequest, comment: Comment) -> HttpResponse:
    """The threads again for HTMX; the page the person came from otherwise."""
    if getattr(request, "htmx", None) and comment.task.author_id == person_of(request).pk:
        return _said(request, comment.task_id)
    return go_to(request, _page_of(request, comment))


def _page_of(request: HttpRequest, comment: Comment) -> str:
    if comment.task.author_id == person_of(request).pk:
        return reverse("write:task", args=[comment.task_id])
    seat = comment.task.seats.filter(reviewer=person_of(request)).first()
    return reverse("review:seat", args=[seat.pk]) if seat else reverse("review:home")


def said_html(request: HttpRequest, task_id: int) -> str:
    """The same as HTML inside a writing page."""
    context = {"said": said_to_author(person_of(request), task_id)}
    return render_to_string("review/_said.html", context, request)


def _said(request: HttpRequest, task_id: int) -> HttpResponse:
    context = {"said": said_to_author(person_of(request), task_id)}
    return respond(request, "review/reasons.html", context, fragment="said")
