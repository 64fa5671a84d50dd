"""What the model will see: one record, and the lengths of a whole release."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from experts.rules import person_of
from exports import queries
from exports.formats import reading
from exports.forms import TokenizerForm
from exports.models import Release, Tokenizer
from exports.preview.lengths import bars, summary
from exports.preview.runner import PreviewUnavailable, rendered
from exports.services.tokenizers import add_tokenizer
from exports.views.access import readers, release_for
from lib.errors import DomainError
from lib.http import administrators, page

LIMIT = 1024
"""The length at which TRL cuts unless told otherwise."""
BYTES_A_TOKEN = 4
"""Of a usual tokenizer; the built-in one has a token for each byte."""
SAMPLE = 200


@page(access=readers)
def preview(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Render one record of a release, and count tokens over a sample of it."""
    release = release_for(request, slug, pk)
    tokenizer = _tokenizer(request.GET.get("tokenizer", ""))
    limit = _limit(request, LIMIT if tokenizer else LIMIT * BYTES_A_TOKEN)
    context: dict[str, Any] = {
        "release": release,
        "dataset": release.dataset,
        "limit": limit,
        "chosen": tokenizer,
        "tokenizers": Tokenizer.objects.all(),
        "record": request.GET.get("record", ""),
    }
    try:
        context |= _shown(release, tokenizer, limit, request.GET.get("record", ""))
    except PreviewUnavailable as error:
        context["missing"] = error
        context |= _plain(release, request.GET.get("record", ""))
    except DomainError as error:
        context["problem"] = f"{error.message} {error.advice}"
    first = context.get("shown", {}).get("record_id") or getattr(
        context.get("plain"), "record_id", ""
    )
    context["unknown"] = bool(first and context["record"] and context["record"] != first)
    return render(request, "exports/preview.html", context)


def _tokenizer(pk: str) -> Tokenizer | None:
    return Tokenizer.objects.filter(pk=int(pk)).first() if pk.isdecimal() else None


def _limit(request: HttpRequest, usual: int) -> int:
    given = request.GET.get("limit", "")
    return min(max(int(given), 1), 1_000_000) if given.isdecimal() else usual


def _shown(
    release: Release, tokenizer: Tokenizer | None, limit: int, wanted: str
) -> dict[str, Any]:
    found = queries.sample_of(release, SAMPLE, wanted)
    if not found:
        return {}
    results = rendered(tokenizer=tokenizer, records=found, limit=limit)
    return {"shown": results[0], "summary": summary(results, limit)}


def _plain(release: Release, wanted: str) -> dict[str, Any]:
    """What can be told without a template: turns and what trains, tools as written, characters."""
    found = queries.sample_of(release, SAMPLE, wanted)
    if not found:
        return {}
    characters = sorted(
        sum(len(part.get("text", "")) for m in record.messages for part in m["parts"])
        for record in found
    )
    first = found[0]
    return {
        "plain": first,
        "turns": [(message, reading.trains(message)) for message in first.messages],
        "tools": reading.worded_tools(first),
        "characters": bars(characters),
        "counted": len(found),
    }


@page(access=administrators)
def tokenizers(request: HttpRequest) -> HttpResponse:
    """The tokenizers that previews can use, and the upload of another."""
    form = TokenizerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["archive"]
        try:
            add_tokenizer(
                name=form.cleaned_data["name"],
                file_name=upload.name,
                content=upload.read(),
                person=person_of(request),
                chat_template=form.cleaned_data["chat_template"],
            )
        except DomainError as error:
            form.add_error("archive", f"{error.message} {error.advice}")
        else:
            messages.success(request, "The tokenizer can be chosen in previews now.")
            return redirect("datasets:tokenizers")
    context = {"form": form, "tokenizers": Tokenizer.objects.select_related("uploaded_by")}
    return render(request, "exports/tokenizers.html", context, status=422 if form.errors else 200)
