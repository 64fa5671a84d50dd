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


def pytest_collection_modifyitems(items):
    """Tell the tests that need the database from those that do not: `make check` runs the latter."""
    for item in items:
        if {"db", "transactional_db"} & set(
            getattr(item, "fixturenames", ())
        ) or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.database)
