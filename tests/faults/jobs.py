"""A job that can be caught in the middle, for a worker of its own."""

import time

from django.core.cache import cache

from config.celery import app


@app.task(name="tests.faults.slow")
def slow(mark):
    """Count the start, wait to be killed the first time, count the end."""
    started = cache.get(f"{mark}:started", 0) + 1
    cache.set(f"{mark}:started", started, 600)
    if started == 1:
        time.sleep(300)
    cache.set(f"{mark}:finished", cache.get(f"{mark}:finished", 0) + 1, 600)
