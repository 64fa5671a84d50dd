"""JSON that stays as it was written: PostgreSQL's `json`, which keeps the order of keys; `jsonb` sorts them.

For values whose own order a model may see: schemas of tools, arguments of calls, written objects. Such a
column knows neither equality nor an index; nothing asks for either.
"""

from typing import Any

import orjson
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class WrittenJSONField(models.JSONField):
    """A JSON value whose keys come back in the order in which they were given."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """The text form of JSON."""
        return "json"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        """Values of this type arrive parsed; only a key asked for in SQL is text."""
        return (
            orjson.loads(value) if isinstance(value, str) and expression.target is self else value
        )

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        """JSON text, which the column takes as it is."""
        if value is None or hasattr(value, "as_sql"):
            return value
        return orjson.dumps(value).decode()
