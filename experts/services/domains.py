"""Grow, rename, move and merge the tree of domains without breaking what names them."""

import re
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.text import slugify

from audit.services import record
from experts.errors import DomainInUse, ImportRefused
from experts.models import Credential, Domain, DomainAlias, User

_PART = re.compile(r"[a-z0-9][a-z0-9_-]*")


@transaction.atomic
def add_domain(
    *, name: str, parent: Domain | None = None, slug: str = "", actor: User | None = None
) -> Domain:
    """A new domain below `parent`; raises DomainInUse when a sibling has the same slug."""
    name = name.strip()
    slug = slug or slugify(name)
    if not name or not slug:
        raise ImportRefused("A field needs a name with letters in it.")
    path = f"{parent.path}.{slug}" if parent else slug
    if Domain.objects.filter(path=path).exists():
        raise DomainInUse(f"There is “{path}” already.", advice="Choose another name.")
    domain = Domain.objects.create(slug=slug, name=name, parent=parent, path=path)
    DomainAlias.objects.filter(path=path).delete()
    record(verb="experts.domain_added", actor=actor, target=domain, path=path)
    return domain


@transaction.atomic
def rename_domain(
    *, domain: Domain, name: str, slug: str = "", actor: User | None = None
) -> Domain:
    """Another name and, when given, another slug; former paths of the whole branch still lead here."""
    domain = _locked(domain)
    if not name.strip():
        raise ImportRefused("A field needs a name.")
    before = {"name": domain.name, "path": domain.path}
    domain.name = name.strip()
    domain.save(update_fields=["name"])
    if slug and slug != domain.slug:
        _replant(domain, domain.parent, slug)
    record(
        verb="experts.domain_renamed",
        actor=actor,
        target=domain,
        before=before,
        name=domain.name,
        path=domain.path,
    )
    return domain


@transaction.atomic
def move_domain(*, domain: Domain, parent: Domain | None, actor: User | None = None) -> Domain:
    """Hang a branch elsewhere; raises DomainInUse when that is below itself or taken."""
    domain = _locked(domain)
    before = domain.path
    _replant(domain, parent, domain.slug)
    record(verb="experts.domain_moved", actor=actor, target=domain, before=before, path=domain.path)
    return domain


@transaction.atomic
def merge_domain(*, domain: Domain, into: Domain, actor: User | None = None) -> Domain:
    """Let `into` take over `domain`.

    Finished work keeps naming the old domain. Credentials that cover it cover `into` as well, its
    children move to `into`, and it hangs below `into`, so that whoever works there also gets what is
    still open here.
    """
    domain, into = _locked(domain), _locked(into)
    if domain.pk == into.pk or into.path.startswith(f"{domain.path}."):
        raise DomainInUse(
            f"“{domain}” cannot be merged into itself or into a field below it.",
            advice="Merge the other way round.",
        )
    before = domain.path
    for child in domain.children.all():
        _replant(child, into, _free_slug(child.slug, into))
    _replant(domain, into, _free_slug(domain.slug, into, other_than=domain))
    domain.merged_into = into
    domain.save(update_fields=["merged_into"])
    covering = Credential.objects.filter(domains=domain)
    for credential in covering:
        credential.domains.add(into)
    record(
        verb="experts.domain_merged",
        actor=actor,
        target=domain,
        before=before,
        into=into.path,
        credentials=[credential.pk for credential in covering],
    )
    return domain


def _locked(domain: Domain) -> Domain:
    return Domain.objects.select_for_update().get(pk=domain.pk)


def _free_slug(slug: str, parent: Domain, other_than: Domain | None = None) -> str:
    taken = Domain.objects.filter(parent=parent)
    if other_than is not None:
        taken = taken.exclude(pk=other_than.pk)
    slugs = set(taken.values_list("slug", flat=True))
    return next(one for one in (slug, *(f"{slug}-{n}" for n in range(2, 1000))) if one not in slugs)


def _replant(domain: Domain, parent: Domain | None, slug: str) -> None:
    """Give a branch its new place; every path it had becomes an alias."""
    if not _PART.fullmatch(slug):
        raise ImportRefused(
            f"“{slug}” cannot be part of a path.", advice="Use a-z, 0-9 and hyphens."
        )
    old = domain.path
    new = f"{parent.path}.{slug}" if parent else slug
    if new == old and domain.parent_id == (parent.pk if parent else None):
        return
    if parent is not None and (parent.pk == domain.pk or parent.path.startswith(f"{old}.")):
        raise DomainInUse(f"“{domain}” cannot hang below itself.", advice="Choose another place.")
    if Domain.objects.filter(path=new).exclude(pk=domain.pk).exists():
        raise DomainInUse(
            f"There is “{new}” already.", advice="Merge the two, or choose another name."
        )
    branch = Domain.objects.select_for_update().filter(path__startswith=f"{old}.")
    for one in [domain, *branch]:
        DomainAlias.objects.update_or_create(path=one.path, defaults={"domain": one})
    branch.update(path=Concat(Value(new), Substr(F("path"), len(old) + 1)))
    domain.parent, domain.slug, domain.path = parent, slug, new
    domain.save(update_fields=["parent", "slug", "path"])
    DomainAlias.objects.filter(path__in=Domain.objects.values("path")).delete()


@transaction.atomic
def import_domains(
    *, rows: Iterable[Mapping[str, str]], actor: User | None = None
) -> tuple[int, int]:
    """Add what is missing of a tree; returns how many were added and how many were there.

    Each row has a `path` of slugs with dots and, optionally, a `name`. Ancestors that no row names are
    added with a name made from their slug. Nothing is renamed or removed.
    """
    wanted: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        path = (row.get("path") or "").strip().strip(".").lower()
        parts = path.split(".")
        if not path or not all(_PART.fullmatch(part) for part in parts) or len(path) > 400:
            raise ImportRefused(
                f"Row {number}: “{path[:80]}” is not a path.",
                advice="A path is made of a-z, 0-9, hyphens and dots, like medicine.cardiology.",
            )
        for count in range(1, len(parts) + 1):
            wanted.setdefault(".".join(parts[:count]), "")
        wanted[path] = (row.get("name") or "").strip()[:160] or wanted[path]
    known = dict(Domain.objects.filter(path__in=wanted).values_list("path", "pk"))
    there = len(known)
    for path in sorted(wanted.keys() - known.keys(), key=lambda one: one.count(".")):
        above, _, slug = path.rpartition(".")
        name = wanted[path] or slug.replace("-", " ").replace("_", " ").capitalize()
        known[path] = Domain.objects.create(
            slug=slug, name=name, path=path, parent_id=known[above] if above else None
        ).pk
    added = len(wanted) - there
    if added:
        first = Domain.objects.get(pk=known[min(wanted)])
        record(verb="experts.domains_imported", actor=actor, target=first, added=added, there=there)
    return added, there
