"""Send a published release to a store, as a job that can be repeated."""

from django.db import transaction
from django.utils import timezone

from audit.services import record
from experts.models import User
from exports import store
from exports.enums import ReleaseState
from exports.models import Delivery, Release
from exports.services.build import problem_of
from exports.services.deliver import write_directory
from exports.targets import TARGETS, available
from lib.errors import Conflict, DomainError, Invalid
from lib.jobs import enqueue_on_commit


@transaction.atomic
def start_delivery(*, release: Release, kind: str, destination: str, person: User) -> Delivery:
    """Note the wish and send the job. Only published releases leave the house."""
    if release.state != ReleaseState.PUBLISHED:
        raise Conflict("Only a published release can be sent.", advice="Publish it first.")
    if kind not in available():
        raise Invalid(
            "This installation has no such store.", advice="Set it up in the settings first."
        )
    made = Delivery.objects.create(
        release=release, kind=kind, destination=destination.strip(), person=person
    )
    record(
        verb="exports.delivery_started",
        actor=person,
        target=release,
        kind=kind,
        destination=destination,
    )
    enqueue_on_commit("exports.tasks.deliver", delivery_id=made.pk)
    return made


def run_delivery(*, delivery_id: int) -> Delivery:
    """Do it; what went wrong stays on the delivery, and sending again takes up what is missing."""
    delivery = Delivery.objects.select_related("release__dataset").get(pk=delivery_id)
    _note(delivery, Delivery.State.RUNNING)
    try:
        with store.workspace() as folder:
            directory = write_directory(release=delivery.release, target=folder / "release")
            delivery.files_done = TARGETS[delivery.kind](directory, delivery.destination)
    except (DomainError, OSError) as error:
        delivery.problem = problem_of(error)
        _note(delivery, Delivery.State.FAILED)
    else:
        delivery.problem = ""
        _note(delivery, Delivery.State.DONE)
    return delivery


@transaction.atomic
def _note(delivery: Delivery, state: str) -> None:
    delivery.state = state
    if state in (Delivery.State.DONE, Delivery.State.FAILED):
        delivery.ended_at = timezone.now()
        record(
            verb=f"exports.delivery_{state}",
            target=delivery.release,
            kind=delivery.kind,
            destination=delivery.destination,
            problem=delivery.problem,
        )
    delivery.save()
