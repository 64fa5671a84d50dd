"""Fields of expertise, as a tree."""

from django.db import models


class Domain(models.Model):
    """One field. `path` holds the slugs from the root, so that ancestors are a prefix test."""

    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=160)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=400, unique=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_from"
    )

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "slug"], name="domain_sibling_slug", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lineage(self) -> list[str]:
        """The paths of this domain and of all its ancestors, itself first."""
        parts = self.path.split(".")
        return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
