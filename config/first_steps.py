"""What a newcomer does before and up to the first piece of work, one step after the other."""

from dataclasses import dataclass

from django.urls import reverse

from annotation.models import Revision
from experts.enums import AttemptState, CredentialState, ExerciseKind, Role
from experts.models import Credential, User
from experts.queries import (
    Offer,
    current_agreements,
    exercises_for,
    has_open_agreements,
    projects_of,
)
from review.models import Review

_AT_WORK = (Role.WRITER, Role.EXPERT, Role.FORMAT)
_BY_QUALIFICATION = (Role.WRITER, Role.EXPERT)
_LOOKED_AT = (CredentialState.PENDING, CredentialState.CHECKED)


@dataclass(frozen=True)
class FirstStep:
    """One line of the list. `action` leads to `url`; a step without one is done or is somebody else's turn."""

    title: str
    said: str
    done: bool = False
    action: str = ""
    url: str = ""


def first_steps(person: User) -> list[FirstStep]:
    """The way to the first response or review; empty for whoever has been there, or does neither."""
    if not projects_of(person, *_AT_WORK).exists() or _has_worked(person):
        return []
    steps = [_agreements(person)] if current_agreements() else []
    if projects_of(person, *_BY_QUALIFICATION).exists():
        steps += [_credential(person), *_exercises(person)]
    return [] if all(step.done for step in steps) else steps


def _has_worked(person: User) -> bool:
    return (
        Revision.objects.filter(author=person).exists()
        or Review.objects.filter(reviewer=person).exists()
    )


def _agreements(person: User) -> FirstStep:
    title = "Read and accept the agreements"
    if not has_open_agreements(person):
        return FirstStep(title, "Accepted.", done=True)
    said = "What you and the project owe each other, and what is recorded while you write. Three minutes."
    return FirstStep(title, said, action="Read them", url=f"{reverse('people:agreements')}?next=/")


def _credential(person: User) -> FirstStep:
    title = "Show what you are qualified in"
    states = set(Credential.objects.filter(person=person).values_list("state", flat=True))
    if CredentialState.VERIFIED in states:
        return FirstStep(title, "Verified.", done=True)
    if states & set(_LOOKED_AT):
        said = "Sent. A lead looks at it; you are told here and by e-mail, and need not wait on this page."
        return FirstStep(title, said)
    said = "A licence, a degree or another credential, with its document. Tasks come in the fields it covers."
    return FirstStep(title, said, action="Add a credential", url=reverse("people:credential-add"))


def _exercises(person: User) -> list[FirstStep]:
    """Set tasks of the projects. A practice helps, a qualification is needed for its field."""
    return [_exercise(offer) for offer in exercises_for(person)]


def _exercise(offer: Offer) -> FirstStep:
    practice = offer.exercise.kind == ExerciseKind.PRACTICE
    title = f"{'Practise' if practice else 'Qualify'}: {offer.exercise.title}"
    address = reverse("people:practice")
    match offer.attempt.state if offer.attempt else "":
        case AttemptState.PASSED | AttemptState.PRACTISED:
            return FirstStep(title, "Done.", done=True)
        case AttemptState.SUBMITTED:
            return FirstStep(title, "Handed in. A lead grades it.")
        case AttemptState.FAILED if not offer.may_begin:
            said = "Not passed. You see there what was missing; on your page you can appeal."
            return FirstStep(title, said, action="See why", url=address)
    said = (
        "A small task with feedback at once; nobody judges it."
        if practice
        else f"Opens the field {offer.exercise.domain} to you."
    )
    return FirstStep(title, said, action="Begin", url=address)
