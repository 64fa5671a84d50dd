"""Background jobs: one Celery application, its promises, and what runs by the clock.

A job is acknowledged after it is done, so a killed worker's job runs again. Every job is therefore
safe to repeat. Arguments are JSON: identifiers, never objects.
"""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, worker_ready, worker_shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

LONGEST_JOB_SECONDS = 30 * 60

app = Celery("firsthand")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_track_started=False,
    task_time_limit=LONGEST_JOB_SECONDS,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=500,
    # A job whose worker vanished is given to another after this long.
    broker_transport_options={"visibility_timeout": LONGEST_JOB_SECONDS + 60},
    broker_connection_retry_on_startup=True,
    timezone="UTC",
    enable_utc=True,
)
app.autodiscover_tasks()

# Name → what runs and when. Each app adds its lines here; a guard test looks every job up.
app.conf.beat_schedule = {
    "note that worker and clock are alive": {
        "task": "config.tasks.note_worker_alive",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "record verdicts whose undo time is over": {
        "task": "review.tasks.settle_verdicts",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "free reviews that nobody touches": {
        "task": "review.tasks.lapse_seats",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "tell leads of reviewers who drift": {
        "task": "review.tasks.tell_of_drift",
        "schedule": 86_400.0,
    },
    "freeze what was approved": {"task": "exports.tasks.freeze_records", "schedule": 300.0},
    "send jobs of builds again that may have lost them": {
        "task": "exports.tasks.send_unfinished",
        "schedule": 120.0,
    },
    "go on with looks through known texts whose job was lost": {
        "task": "annotation.tasks.take_up_looks",
        "schedule": crontab(minute="40"),
    },
    "go on with runs of checks whose job was lost": {
        "task": "annotation.tasks.take_up_check_runs",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "take back what may be kept no longer": {
        "task": "exports.tasks.end_retention",
        "schedule": crontab(hour="0", minute="10"),
    },
    "clear stored pieces that no release refers to": {
        "task": "exports.tasks.clear_chunks",
        "schedule": crontab(hour="2", minute="40"),
    },
    "remind people of credentials that expire": {
        "task": "experts.tasks.remind_of_expiry",
        "schedule": crontab(hour="6", minute="5"),
    },
    "take up the words of texts that were left": {
        "task": "annotation.tasks.take_up_words",
        "schedule": crontab(minute="20"),
    },
    "remind writers of due days": {
        "task": "annotation.tasks.remind_of_due_days",
        "schedule": crontab(hour="6", minute="10"),
    },
    "send daily digests": {
        "task": "experts.tasks.mail_digests",
        "schedule": crontab(hour="6", minute="30"),
    },
    "send notifications that were left behind": {
        "task": "experts.tasks.mail_unsent",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "clear expired sessions": {
        "task": "config.tasks.clear_sessions",
        "schedule": crontab(hour="3", minute="17"),
    },
}


@setup_logging.connect
def keep_the_logging_of_the_settings(**_: Any) -> None:
    """Celery replaces the logging configuration unless something answers this signal."""


@worker_ready.connect
def say_ready(**_: Any) -> None:
    """Let /readyz know at once, before the clock first strikes."""
    from config.tasks import note_worker_alive  # noqa: PLC0415  (app ready: tasks need the apps)

    note_worker_alive()


@worker_shutdown.connect
def say_gone(**_: Any) -> None:
    """Let /readyz know at once that nobody works."""
    from config.health import forget_worker  # noqa: PLC0415  (app ready)

    forget_worker()


def return_unfinished_jobs() -> None:
    """Put back every job that a worker took and never finished.

    For the start of a single-machine installation, where no other worker can be at it: without
    this, the jobs of a killed worker would wait until their visibility timeout.
    """
    transport_options = {**app.conf.broker_transport_options, "visibility_timeout": 0}
    with app.connection(transport_options=transport_options) as connection:
        channel: Any = connection.default_channel
        channel.qos.restore_visible(num=1000)
