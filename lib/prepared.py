"""Fixed statements that PostgreSQL plans once for a connection, not each time they are asked (ADR 0099)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper


@contextmanager
def prepared() -> Iterator[CursorWrapper]:
    """A cursor for statements whose text never changes and whose plan does not depend on the values.

    Django's own cursor writes the values into the text, so that every statement is new to the server. Here they
    travel beside it, and a connection keeps the plan of what it is asked often (`prepare_threshold` in the
    settings): of a question to many tables that finds a few rows, planning is most of the cost.
    """
    connection.ensure_connection()
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    bound = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]  # its stub takes nothing
    with wrap(bound) as cursor:  # type: ignore[arg-type]
        yield cursor
