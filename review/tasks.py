"""Background work of the reviewing side. Each job is safe to repeat."""

from celery import shared_task

from review.services import calibrate, claim_seat, give_verdict, watch_drift


@shared_task
def settle_verdicts() -> None:
    """Append verdicts whose undo time is over."""
    give_verdict.settle_due()
    calibrate.settle_sittings()


@shared_task
def lapse_seats() -> None:
    """Free reviews that nobody touched for the length of their lease."""
    claim_seat.lapse_seats()


@shared_task
def tell_of_drift() -> None:
    """Tell leads whose reviewers' strictness has left that of their peers."""
    watch_drift.tell_of_drift()
