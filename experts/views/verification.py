"""The verification queue: the document beside the form."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from experts import sealing
from experts.boards import credentials_to_verify
from experts.checksums import npi_holds, orcid_holds
from experts.enums import CredentialKind, Role
from experts.forms.people import VerifyForm
from experts.models import Credential, User
from experts.queries import same_number
from experts.rules import lead_person, people_with, person_of
from experts.services.credentials import reject_credential, verify_credential
from lib.errors import DomainError
from lib.http import page


@page(access=people_with(Role.LEAD))
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for this lead, longest wait first."""
    waiting = credentials_to_verify(person_of(request))[:200]
    context = {"waiting": waiting, "two_person": settings.CREDENTIAL_TWO_PERSON_RULE}
    return render(request, "experts/verification.html", context)


@page(access=people_with(Role.LEAD))
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at one document and decide."""
    lead = person_of(request)
    credential = get_object_or_404(Credential.objects.select_related("person", "checked_by"), pk=pk)
    lead_person.require(lead, credential.person)
    form = VerifyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, credential, form)
        except DomainError as refusal:
            form.add_error(None, f"{refusal.message} {refusal.advice}".strip())
        else:
            return redirect("people:verification")
    status = 422 if form.errors else 200
    context = _context(credential, form, lead)
    return render(request, "experts/verify.html", context, status=status)


def _decide(request: HttpRequest, credential: Credential, form: VerifyForm) -> None:
    lead, note = person_of(request), form.cleaned_data["note"]
    if request.POST.get("decision") == "reject":
        reject_credential(credential=credential, verifier=lead, reason=note)
        messages.success(request, "Not accepted. Its holder has been told and can appeal.")
        return
    done = verify_credential(
        credential=credential, verifier=lead, method=form.cleaned_data["method"], note=note
    )
    messages.success(request, f"{done.title}: {done.get_state_display().lower()}.")


def _context(credential: Credential, form: VerifyForm, lead: User) -> dict[str, object]:
    number = sealing.unseal(credential.number_encrypted)
    orcid = credential.kind == CredentialKind.ORCID
    return {
        "credential": credential,
        "form": form,
        "waits": credentials_to_verify(lead).filter(pk=credential.pk).exists(),
        "number": number,
        "orcid": orcid,
        "number_holds": orcid_holds(number) if orcid else npi_holds(number),
        "same_number": same_number(credential).select_related("person"),
        "two_person": settings.CREDENTIAL_TWO_PERSON_RULE,
    }
