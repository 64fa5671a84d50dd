"""What a release takes: chosen once for a cut, then pinned by what differs from the cut before."""

from typing import Any

from django.db import connection
from django.db.models import Case, Q, Value, When

from exports import queries
from exports.enums import Split
from exports.models import Dataset, Pin, Place, Release
from exports.models.pin import STANDING
from review.enums import Use

MUCH = 10_000
"""Rows added at once from which the planner's figures of a table are made anew."""


def choose_records(dataset: Dataset) -> int:
    """Put what the selection takes into `exports_chosen` until the end of the transaction; returns how many.

    Columns: id, record_id, group_key, domain, member of the mixture, weight, evaluation (not to train on).
    """
    evaluation = Case(
        When(Q(use=Use.EVALUATION) | Q(quality_class="C"), then=Value(True)), default=Value(False)
    )
    columns = ("pk", "record_id", "group_key", "domain", "member", "split_weight", "evaluation")
    found: Any = queries.selected(dataset).annotate(evaluation=evaluation)
    inner, parameters = found.order_by().values(*columns).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE TEMP TABLE exports_chosen ON COMMIT DROP AS
            SELECT * FROM ({inner})
            AS chosen(id, record_id, group_key, domain, member, weight, evaluation)
            """,
            parameters,
        )
        made = int(cursor.rowcount)
        cursor.execute("ANALYZE exports_chosen")
    return made


def pin_chosen(dataset: Dataset, release: Release) -> None:
    """Pin every chosen record where it stands; the held-out part never gets into a release.

    What stands as it did keeps its pin; what does not any more ends before this release.
    """
    names = [raw["member"] for raw in dataset.mixture]
    asked: dict[str, Any] = {
        "dataset": dataset.pk,
        "release": release.pk,
        "names": names,
        "held_out": Split.HELD_OUT.value,
        "standing": STANDING,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERING, asked)
        cursor.execute("ANALYZE exports_differing")
        cursor.execute(_END, asked)
        cursor.execute(_BEGIN, asked)
        tell_planner(cursor, Pin, int(cursor.rowcount))
        cursor.execute("DROP TABLE exports_differing, exports_chosen")


_DIFFERING = """
CREATE TEMP TABLE exports_differing ON COMMIT DROP AS
SELECT standing.id AS ended, wanted.*
FROM (
  SELECT chosen.id AS record_id, place.split, place.ordinal, chosen.weight,
         CASE WHEN chosen.member < 0 THEN '[]'::jsonb
              ELSE jsonb_build_array((%(names)s::text[])[chosen.member + 1]) END AS mixture
  FROM exports_chosen chosen
  JOIN exports_place place ON place.dataset_id = %(dataset)s AND place.record_id = chosen.record_id
  WHERE place.split <> %(held_out)s
) wanted
FULL JOIN (
  SELECT * FROM exports_pin WHERE dataset_id = %(dataset)s AND until = %(standing)s
) standing USING (record_id, split, ordinal, weight, mixture)
WHERE standing.id IS NULL OR wanted.record_id IS NULL
"""
_END = """
UPDATE exports_pin SET until = %(release)s
FROM exports_differing differing WHERE exports_pin.id = differing.ended
"""
_BEGIN = """
INSERT INTO exports_pin (dataset_id, record_id, split, ordinal, weight, mixture, since, until)
SELECT %(dataset)s, record_id, split, ordinal, weight, mixture, %(release)s, %(standing)s
FROM exports_differing WHERE ended IS NULL ORDER BY split, ordinal
"""


def tell_planner(cursor: Any, model: type[Place | Pin], added: int) -> None:
    """Count a table again that has grown much within this transaction: what follows reads all that is new, and
    would be planned for the few rows that were known."""
    if added >= MUCH:
        cursor.execute(f"ANALYZE {model._meta.db_table}")  # noqa: SLF001  (public in all but name)
