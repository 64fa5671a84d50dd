"""Fixtures that all tests share."""

from types import SimpleNamespace

import pytest

from experts.enums import Role
from tests.factories.annotation import ProjectVersionFactory
from tests.factories.experts import DomainFactory, person_with


@pytest.fixture
def studio(db):
    """A project with one person for each part, all in the domain of medicine."""
    domain = DomainFactory()
    version = ProjectVersionFactory()
    project = version.project
    return SimpleNamespace(
        domain=domain,
        version=version,
        project=project,
        writer=person_with(project, Role.WRITER, domain=domain),
        expert=person_with(project, Role.EXPERT, domain=domain),
        format=person_with(project, Role.FORMAT),
        lead=person_with(project, Role.LEAD),
    )
