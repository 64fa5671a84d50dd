"""Background work by name, so that services never import tasks."""

from typing import Any

from celery import current_app
from django.db import transaction


def enqueue_on_commit(name: str, /, **kwargs: Any) -> None:
    """Send the Celery task `name` with `kwargs` once the current transaction has committed.

    A broker that is down must not undo what people did: periodic sweeps pick up what was not sent.
    """
    transaction.on_commit(lambda: _send(name, kwargs), robust=True)


def _send(name: str, kwargs: dict[str, Any]) -> None:
    """Hand the job to the broker; where jobs run at once (tests), run it here."""
    if not current_app.conf.task_always_eager:
        current_app.send_task(name, kwargs=kwargs)
        return
    if name not in current_app.tasks:
        current_app.loader.import_default_modules()
    current_app.tasks[name].apply_async(kwargs=kwargs)
