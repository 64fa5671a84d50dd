"""Appeals against measures, decided by somebody who took no part."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.services import record
from experts.enums import AppealOutcome, MeasureKind, NotificationKind
from experts.errors import AlreadyDone, CredentialRefused, OwnCredential
from experts.models import Appeal, Measure, User
from experts.queries import adjudicators_of
from experts.services.credentials import reopen_credential
from experts.services.exercises import allow_again
from experts.services.members import end_pause
from experts.services.notify import notify


@transaction.atomic
def appeal(*, person: User, measure: Measure, text: str) -> Appeal:
    """Ask for a measure to be looked at by somebody else."""
    measure = Measure.objects.select_for_update().get(pk=measure.pk)
    if measure.person_id != person.pk:
        raise OwnCredential("Only the person concerned can appeal.")
    if measure.lifted_at or Appeal.objects.filter(measure=measure).exists():
        raise AlreadyDone("There is an appeal against this already, or it has been taken back.")
    if not text.strip():
        raise CredentialRefused("Please say in a few words what is wrong with the decision.")
    made = Appeal.objects.create(measure=measure, text=text.strip())
    record(
        verb="experts.appeal_opened",
        actor=person,
        target=made,
        project_id=measure.project_id,
        measure=measure.pk,
    )
    for judge in adjudicators_of(measure):
        notify(
            person=judge,
            kind=NotificationKind.STANDING,
            key=f"appeal-{made.pk}",
            title="An appeal waits for a decision",
            body=f"{measure.get_kind_display()}. You took no part in it so far.",
            url=reverse("people:measure", args=[measure.pk]),
        )
    return made


@transaction.atomic
def decide_appeal(*, judge: User, made: Appeal, outcome: str, answer: str) -> Appeal:
    """Uphold or overturn; what is overturned is undone at once."""
    made = Appeal.objects.select_for_update().select_related("measure").get(pk=made.pk)
    measure = made.measure
    if not adjudicators_of(measure).filter(pk=judge.pk).exists():
        raise OwnCredential(
            "An appeal is decided by a lead or administrator who took no part so far.",
            advice="Ask another lead or an administrator.",
        )
    if made.outcome:
        raise AlreadyDone
    if not answer.strip():
        raise CredentialRefused("Please give your reasons; the person reads them.")
    made.outcome, made.answer = AppealOutcome(outcome), answer.strip()
    made.decided_by, made.decided_at = judge, timezone.now()
    made.save()
    record(
        verb=f"experts.appeal_{made.outcome}",
        actor=judge,
        target=made,
        project_id=measure.project_id,
        measure=measure.pk,
    )
    if made.outcome == AppealOutcome.OVERTURNED:
        _undo(measure, judge)
    notify(
        person=measure.person,
        kind=NotificationKind.STANDING,
        key=f"appeal-{made.pk}-decided",
        title=f"Your appeal was decided: {made.get_outcome_display().lower()}",
        body=made.answer,
        url=reverse("people:measure", args=[measure.pk]),
    )
    return made


def _undo(measure: Measure, judge: User) -> None:
    if measure.kind == MeasureKind.PAUSE:
        end_pause(measure=measure, actor=judge)
        return
    if measure.credential is not None:
        reopen_credential(credential=measure.credential, actor=judge)
    if measure.attempt is not None:
        allow_again(attempt=measure.attempt, actor=judge)
    measure.lifted_at, measure.lifted_by = timezone.now(), judge
    measure.save(update_fields=["lifted_at", "lifted_by"])
