"""Which record stands where in which releases of a data set."""

import pgtrigger
from django.db import models
from django.db.models import Q

from exports.enums import Split
from exports.workflow import FINAL
from lib.triggers import refuse

STANDING = 2**63 - 1
"""`until` of a pin that the newest release holds."""

_REFUSED = refuse("release_read_only", "a built release never changes")
_IS_HELD = f"""
IF EXISTS (
  SELECT 1 FROM {{rows}} pin JOIN exports_release release ON release.dataset_id = pin.dataset_id
  WHERE pin.since <= release.id AND release.id < pin.until AND release.state IN {FINAL}
) THEN
  {_REFUSED}
END IF;
RETURN NULL;
"""
_IS_ENDED_EARLIER = f"""
IF EXISTS (
  SELECT 1 FROM before JOIN after USING (id)
  JOIN exports_release release ON release.dataset_id = before.dataset_id
  WHERE release.id >= least(before.until, after.until)
    AND release.id < greatest(before.until, after.until) AND release.state IN {FINAL}
) THEN
  {_REFUSED}
END IF;
RETURN NULL;
"""
_FIXED = ("id", "dataset_id", "record_id", "split", "ordinal", "mixture", "weight", "since")


class Pin(models.Model):
    """A record with where and how it trains, in the releases from `since` up to, but without, `until`.

    Both are keys of releases of the data set, which grow from one cut to the next. What stays as it
    was takes no row of its own in the next release, so a version costs what it changes.
    """

    dataset = models.ForeignKey(
        "exports.Dataset", on_delete=models.CASCADE, related_name="pins", db_index=False
    )
    record = models.ForeignKey("exports.Record", on_delete=models.PROTECT, related_name="pins")
    split = models.CharField(max_length=12, choices=Split)
    ordinal = models.PositiveIntegerField()
    mixture = models.JSONField(default=list)
    weight = models.FloatField(default=1.0)
    since = models.BigIntegerField()
    until = models.BigIntegerField(default=STANDING)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "split", "ordinal", "until"], name="pin_place"
            ),
            models.CheckConstraint(condition=Q(weight__gt=0), name="pin_weight_positive"),
            models.CheckConstraint(
                condition=Q(split__in=["train", "validation", "test"]), name="pin_never_held_out"
            ),
            models.CheckConstraint(
                condition=Q(since__lt=models.F("until")), name="pin_holds_somewhere"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="nothing_added",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="added"),
                func=_IS_HELD.format(rows="added"),
            ),
            pgtrigger.Trigger(
                name="nothing_taken",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                referencing=pgtrigger.Referencing(old="gone"),
                func=_IS_HELD.format(rows="gone"),
            ),
            pgtrigger.Trigger(
                name="only_ended",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _FIXED)
                ),
                func=_REFUSED,
            ),
            pgtrigger.Trigger(
                name="not_ended_earlier",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=pgtrigger.Referencing(old="before", new="after"),
                func=_IS_ENDED_EARLIER,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.split} {self.ordinal}"
