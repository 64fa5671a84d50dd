"""Jobs of the installation itself."""

from celery import shared_task
from django.core.management import call_command

from config.health import remember_worker


@shared_task
def note_worker_alive() -> None:
    """Leave a mark that a worker took this job, which the clock had sent."""
    remember_worker()


@shared_task
def clear_sessions() -> None:
    """Remove sessions that have run out."""
    call_command("clearsessions")
