"""Is it alive, can it work: `/healthz` and `/readyz` for machines, the same checks for `doctor`.

Each check says in one sentence what is wrong and what to do. No sentence holds an address or a
password: `/readyz` is public.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass

from celery import current_app
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lib.http import page, public

WORKER_MARK = "worker-seen-at"
WORKER_SILENCE_SECONDS = 90


@dataclass(frozen=True)
class Health:
    """What one check found. `advice` is empty when all is well."""

    ok: bool
    detail: str
    advice: str = ""


def database() -> Health:
    """Tell whether PostgreSQL answers and knows every migration."""
    try:
        connection.ensure_connection()
    except Exception:  # noqa: BLE001  (every driver has its own; the answer is the same)
        return Health(
            ok=False,
            detail="PostgreSQL does not answer.",
            advice="See that it runs and that DATABASE_URL is right.",
        )
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        return Health(
            ok=False,
            detail=f"{waiting} migrations have not been applied.",
            advice="Run `python manage.py migrate`.",
        )
    return Health(ok=True, detail="PostgreSQL answers; every migration is applied.")


def broker() -> Health:
    """Tell whether the message broker takes connections."""
    try:
        with current_app.connection_for_write(transport_options={"socket_timeout": 3}) as link:
            link.ensure_connection(max_retries=1, timeout=3)
        cache.get(WORKER_MARK)
    except Exception:  # noqa: BLE001  (kombu, redis-py and sockets each raise their own)
        return Health(
            ok=False,
            detail="Redis does not answer.",
            advice="See that it runs and that REDIS_URL is right.",
        )
    return Health(ok=True, detail="Redis answers.")


def worker() -> Health:
    """Tell whether a worker did a job that the clock had sent, lately."""
    advice = (
        "See that `celery -A config worker` and `celery -A config beat` both run, "
        "with the same REDIS_URL as the web server."
    )
    try:
        seen = cache.get(WORKER_MARK)
    except Exception:  # noqa: BLE001  (no broker, no news)
        return Health(ok=False, detail="No news of a worker: Redis does not answer.", advice=advice)
    if seen is None:
        return Health(ok=False, detail="No background worker has been seen.", advice=advice)
    silence = int(time.time() - seen)
    if silence > WORKER_SILENCE_SECONDS:
        return Health(
            ok=False, detail=f"No background job ran for {silence} seconds.", advice=advice
        )
    return Health(ok=True, detail=f"A background job ran {silence} seconds ago.")


def storage() -> Health:
    """Tell whether a file can be written, read back and removed."""
    content = uuid.uuid4().bytes
    try:
        name = default_storage.save(f"health/{uuid.uuid4()}", ContentFile(content))
        with default_storage.open(name) as stored:
            same = stored.read() == content
        default_storage.delete(name)
    except Exception:  # noqa: BLE001  (each storage raises its own)
        same = False
    if not same:
        return Health(
            ok=False,
            detail="Files cannot be stored.",
            advice="See that there is room, and that the folder or the bucket may be written to.",
        )
    return Health(ok=True, detail="Files can be stored and read.")


CHECKS: dict[str, Callable[[], Health]] = {
    "database": database,
    "broker": broker,
    "worker": worker,
    "storage": storage,
}


def remember_worker() -> None:
    """Note that a worker is at work now."""
    cache.set(WORKER_MARK, time.time(), timeout=24 * 60 * 60)


def forget_worker() -> None:
    """Note that the worker has gone."""
    cache.delete(WORKER_MARK)


@require_safe
@never_cache
@page(access=public)
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process lives; looks at nothing else."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
@page(access=public)
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when people can work, 503 with what to do when they cannot."""
    found = {name: check() for name, check in CHECKS.items()}
    ready = all(health.ok for health in found.values())
    return JsonResponse(
        {
            "status": "ready" if ready else "not ready",
            "checks": {name: asdict(health) for name, health in found.items()},
        },
        status=200 if ready else 503,
        json_dumps_params={"indent": 1},
    )
