"""What the model will see of a response that is still under review: a fragment for the review page."""

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from experts.rules import people_with, person_of
from exports import freezing
from exports.models import Tokenizer
from exports.preview.runner import PreviewUnavailable, rendered
from exports.records import Record
from exports.views.preview import LIMIT
from lib.errors import DomainError
from lib.http import page
from review.desk import desk_of

# A token a byte is made of it where no tokenizer is known: more than this takes longer than anybody waits.
LARGEST = 1_000_000


@page(access=people_with("expert", "format", "lead"))
@require_GET
def review_preview(request: HttpRequest, address: int) -> HttpResponse:
    """The template's text with the loss marked, or (`view=tokens`) the counts and the first tokens."""
    desk = desk_of(person_of(request), address)
    instruction = desk.instruction
    record = Record(
        {
            "record_id": f"review-{address}",
            "messages": freezing.conversation(instruction.messages, desk.revision.target, ""),
            "tools": [freezing.tool(tool) for tool in instruction.tools],
        }
    )
    context: dict[str, object] = {"view": request.GET.get("view", "model"), "limit": LIMIT}
    size = len(orjson.dumps(record.messages))
    if size > LARGEST:
        context["problem"] = (
            f"This response is {size:,} bytes long, and up to {LARGEST:,} can be laid out here. A release holds "
            "all of it; how much of it trains is for the length that the trainer is set to."
        )
        return render(request, "exports/_review_preview.html", context)
    try:
        tokenizer = Tokenizer.objects.order_by("pk").first()
        context["shown"] = rendered(tokenizer=tokenizer, records=[record], limit=LIMIT)[0]
        context["tokenizer"] = tokenizer
    except PreviewUnavailable:
        context["unavailable"] = True
    except DomainError as error:
        context["problem"] = f"{error.message} {error.advice}"
    return render(request, "exports/_review_preview.html", context)
