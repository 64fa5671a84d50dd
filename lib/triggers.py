"""Triggers that several apps share: rows that never change, states that move by a table."""

import pgtrigger

from lib.machine import Machine

_REFUSE = "RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';"


def refuse(name: str, message: str) -> str:
    """PL/pgSQL that raises a named constraint violation, so that Django sees an IntegrityError."""
    return _REFUSE.format(name=name, message=message.replace("'", "''"))


def append_only(table: str) -> list[pgtrigger.Trigger]:
    """Triggers that refuse UPDATE, DELETE and TRUNCATE of `table`.

    The named erasure procedure alone may update: it sets `firsthand.erasing` for its transaction.
    """
    erasing = "IF current_setting('firsthand.erasing', true) = 'on' THEN RETURN NEW; END IF; "
    what = f"{table} is append-only"
    return [
        pgtrigger.Trigger(
            name="no_update",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            func=erasing + refuse(f"{table}_append_only", what),
        ),
        pgtrigger.Trigger(
            name="no_delete",
            when=pgtrigger.Before,
            operation=pgtrigger.Delete,
            func=refuse(f"{table}_append_only", what),
        ),
        pgtrigger.Trigger(
            name="no_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func=refuse(f"{table}_append_only", what),
        ),
    ]


def moves_only(machine: Machine, field: str = "state") -> list[pgtrigger.Trigger]:
    """Triggers that allow only the machine's initial state on INSERT and only its edges on UPDATE."""
    allowed = " OR ".join(
        f"(OLD.{field} = '{source}' AND NEW.{field} = '{target}')"
        for source, target in machine.edges()
    )
    name = f"{machine.name}_legal_moves"
    return [
        pgtrigger.Trigger(
            name="initial_state",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            condition=pgtrigger.Condition(f"NEW.{field} <> '{machine.initial}'"),
            func=refuse(name, f"a {machine.name} starts as {machine.initial}"),
        ),
        pgtrigger.Trigger(
            name="legal_moves",
            when=pgtrigger.Before,
            operation=pgtrigger.UpdateOf(field),
            condition=pgtrigger.Condition(f"OLD.{field} IS DISTINCT FROM NEW.{field}"),
            func=f"IF NOT ({allowed}) THEN {refuse(name, f'no such move of a {machine.name}')} END IF; "
            "RETURN NEW;",
        ),
    ]
