"""Fields of expertise, as a tree."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from lib.triggers import refuse

# Checked when the transaction ends, so that a whole branch can move at once.
_PATH_FOLLOWS_PARENT = """
IF EXISTS (
  SELECT 1 FROM experts_domain own
  LEFT JOIN experts_domain parent ON parent.id = own.parent_id
  WHERE (own.id = NEW.id OR own.parent_id = NEW.id)
    AND own.path <> COALESCE(parent.path || '.', '') || own.slug
) THEN
  {refuse}
END IF;
RETURN NULL;
""".format(
    refuse=refuse(
        "domain_path_follows_parent", "the path of a domain is its parent's path and its slug"
    )
)


class Domain(models.Model):
    """One field. `path` holds the slugs from the root, so that ancestors are a prefix test.

    A merged domain keeps its row, because finished work names it: it hangs below the domain that took
    it over (`merged_into`), so whoever may work there may finish what is still open here.
    """

    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=160)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        db_index=False,
    )
    path = models.CharField(max_length=400, unique=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_from"
    )

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "slug"], name="domain_sibling_slug", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="domain_not_its_own_parent",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="domain_not_merged_into_itself",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="path_follows_parent",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                func=_PATH_FOLLOWS_PARENT,
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lineage(self) -> list[str]:
        """The paths of this domain and of all its ancestors, itself first."""
        parts = self.path.split(".")
        return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]

    @property
    def depth(self) -> int:
        """How far below the root: 0 for a root."""
        return self.path.count(".")


class DomainAlias(models.Model):
    """A path that a domain had before it was renamed, moved or merged: files that use it still work."""

    path = models.CharField(max_length=400, unique=True)
    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="aliases")

    def __str__(self) -> str:
        return f"{self.path} → {self.domain.path}"
