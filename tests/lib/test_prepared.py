"""Statements whose plan a connection keeps."""

import pytest
from django.db import DataError, connection, transaction

from lib.prepared import prepared

pytestmark = pytest.mark.django_db

ASKED = "SELECT count(*) FROM experts_user WHERE id = %(person)s OR name = %(name)s"
KEPT = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%experts_user WHERE id = $1 OR name = $2'"


def counted(person):
    with prepared() as cursor:
        cursor.execute(ASKED, {"person": person, "name": "%s; 'quoted'"})
        return cursor.fetchone()[0]


def test_what_is_asked_often_is_planned_once(studio):
    assert [counted(studio.expert.pk) for _ in range(8)] == [1] * 8
    with connection.cursor() as cursor:
        cursor.execute(KEPT, [])
        assert cursor.fetchone()[0] == 1


def test_it_is_counted_and_refuses_as_any_statement_of_django(studio, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert counted(0) == 0
    with pytest.raises(DataError), transaction.atomic(), prepared() as cursor:
        cursor.execute("SELECT 1 / %(nothing)s::int", {"nothing": 0})
