"""What the models promise, the migrated database holds: no constraint or index is lost on the way there."""

import pytest
from django.apps import apps
from django.db import connection

OURS = {"annotation", "audit", "corpus", "experts", "exports", "review"}


def promised():
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            for one in [*model._meta.constraints, *model._meta.indexes]:
                yield f"{model._meta.db_table}: {one.name}"


def held():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass || ': ' || conname FROM pg_constraint WHERE conrelid <> 0"
            " UNION SELECT tablename || ': ' || indexname FROM pg_indexes WHERE schemaname = 'public'"
        )
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.django_db
def test_every_constraint_and_index_of_a_model_is_in_the_database():
    assert sorted(set(promised()) - held()) == []
