"""Credentials: add one, look at one, see its document."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from audit.queries import events_of
from experts import sealing
from experts.checksums import npi_holds
from experts.forms.people import CredentialForm, ReasonForm
from experts.models import Credential
from experts.rules import lead_person, person_of, see_person
from experts.services.credentials import add_credential, revoke_credential, withdraw_credential
from lib.errors import DomainError
from lib.http import page, signed_in


@page(access=signed_in)
def add(request: HttpRequest) -> HttpResponse:
    """Add a credential of one's own, or the renewal of one (`?renews=ID`)."""
    person = person_of(request)
    renewed = person.credentials.filter(pk=request.GET.get("renews") or 0).first()
    form = CredentialForm(request.POST or None, request.FILES or None, initial=_initial(renewed))
    if request.method == "POST" and form.is_valid():
        try:
            made = add_credential(person=person, renews=renewed, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, f"{refusal.message} {refusal.advice}".strip())
        else:
            messages.success(request, "Your credential waits for verification. You will be told.")
            return redirect("people:credential", pk=made.pk)
    status = 422 if form.errors else 200
    return render(
        request, "experts/credential_add.html", {"form": form, "renews": renewed}, status=status
    )


def _initial(renewed: Credential | None) -> dict[str, object]:
    if renewed is None:
        return {}
    return {
        "kind": renewed.kind,
        "title": renewed.title,
        "issuer": renewed.issuer,
        "jurisdiction": renewed.jurisdiction,
        "domains": renewed.domains.all(),
    }


@page(access=signed_in)
@require_GET
def credential(request: HttpRequest, pk: int) -> HttpResponse:
    """One credential with its history, for its holder and their leads."""
    found = get_object_or_404(
        Credential.objects.select_related("person", "verified_by", "checked_by"), pk=pk
    )
    see_person.require(person_of(request), found.person)
    number = sealing.unseal(found.number_encrypted)
    context = {
        "credential": found,
        "number": number,
        "npi": npi_holds(number),
        "own": found.person_id == person_of(request).pk,
        "may_decide": lead_person.may(person_of(request), found.person),
        "history": events_of(found).select_related("actor"),
        "form": ReasonForm(),
    }
    return render(request, "experts/credential.html", context)


@page(access=signed_in)
@require_GET
def evidence(request: HttpRequest, pk: int) -> FileResponse:
    """The document itself, for its holder and who verifies it: never sniffed, never with scripts.

    Images and PDFs may be shown inside our own page (`?show`); everything else about the answer keeps a
    hostile file from acting: its type is the one that was found in its bytes, and it may load nothing. A PDF is
    shown by the browser's own viewer, which a sandbox would keep from starting; no other page may frame it.
    """
    found = get_object_or_404(Credential, pk=pk)
    see_person.require(person_of(request), found.person)
    if not found.evidence:
        raise Http404
    is_pdf = found.evidence_type == "application/pdf"
    shown = "show" in request.GET and (is_pdf or found.evidence_type.startswith("image/"))
    response = FileResponse(
        found.evidence.open("rb"),
        as_attachment=not shown,
        filename=found.evidence_name,
        content_type=found.evidence_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    framed = is_pdf and shown
    response["Content-Security-Policy"] = (
        "default-src 'none'; frame-ancestors 'self'" if framed else "default-src 'none'; sandbox"
    )
    if framed:
        response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


@page(access=signed_in)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own credential out of the queue."""
    found = get_object_or_404(Credential, pk=pk)
    withdraw_credential(credential=found, person=person_of(request))
    messages.success(request, "The credential is taken back.")
    return redirect("people:me")


@page(access=signed_in)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a credential out of force, with a reason."""
    found = get_object_or_404(Credential, pk=pk)
    lead_person.require(person_of(request), found.person)
    revoke_credential(
        credential=found, verifier=person_of(request), reason=request.POST.get("reason", "")
    )
    messages.success(request, "The credential is revoked. Its holder has been told and can appeal.")
    return redirect("people:credential", pk=pk)
