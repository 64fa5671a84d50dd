"""PostgreSQL and Redis of the project's own, for machines that have none.

Development, tests, the demo and single-machine trials start both from wheels under `var/`.
Whoever sets DATABASE_URL or REDIS_URL uses servers of their own instead.
"""

from lib.embedded.errors import ServiceError
from lib.embedded.services import (
    Services,
    Wanted,
    discard,
    ensure_services,
    provide,
    provided,
    running_services,
)

__all__ = [
    "ServiceError",
    "Services",
    "Wanted",
    "discard",
    "ensure_services",
    "provide",
    "provided",
    "running_services",
]
