"""Background work by name, so that services never import tasks."""

from typing import Any

from celery import current_app
from django.db import transaction


def enqueue_on_commit(name: str, /, **kwargs: Any) -> None:
    """Send the Celery task `name` with `kwargs` once the current transaction has committed.

    A broker that is down must not undo what people did: periodic sweeps pick up what was not sent.
    """
    transaction.on_commit(lambda: current_app.send_task(name, kwargs=kwargs), robust=True)
