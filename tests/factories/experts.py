"""People, fields and proofs of expertise."""

from datetime import date, timedelta

import factory
from django.utils import timezone

from experts.enums import CredentialKind, CredentialState, Role
from experts.models import Credential, Domain, Membership, Project, User
from experts.services.agreements import accept_agreements


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password("firsthand-demo")

    @factory.post_generation
    def accepted(self, create, extracted, **kwargs):
        """Everybody has accepted the agreements, unless `accepted=False`."""
        if create and extracted is not False:
            accept_agreements(person=self)


class DomainFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Domain
        django_get_or_create = ("path",)

    slug = "medicine"
    name = factory.LazyAttribute(lambda o: o.slug.replace("-", " ").capitalize())
    parent = None
    path = factory.LazyAttribute(lambda o: f"{o.parent.path}.{o.slug}" if o.parent else o.slug)


class ProjectFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Project

    slug = factory.Sequence(lambda n: f"project-{n}")
    name = factory.Sequence(lambda n: f"Project {n}")


class CredentialFactory(factory.django.DjangoModelFactory):
    """A credential verified yesterday, valid for a year."""

    class Meta:
        model = Credential
        skip_postgeneration_save = True

    person = factory.SubFactory(UserFactory)
    kind = CredentialKind.LICENCE
    title = "Licence to practise"
    issuer = "Board of Examples"
    jurisdiction = "EX"
    state = CredentialState.VERIFIED
    verified_by = factory.SubFactory(UserFactory)
    verified_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    verification_method = "register look-up"
    expires_on = factory.LazyFunction(lambda: date.today() + timedelta(days=365))

    @factory.post_generation
    def domains(self, create, extracted, **kwargs):
        if create:
            self.domains.set(extracted or [DomainFactory()])


def person_with(project, *roles, domain=None, **fields):
    """A person with roles in `project` and, when `domain` is given, a valid credential there."""
    person = UserFactory(**fields)
    for role in roles:
        Membership.objects.create(project=project, person=person, role=Role(role))
    if domain is not None:
        CredentialFactory(person=person, domains=[domain])
    return person
