"""What the database would keep in order for nothing."""

import pytest
from django.apps import apps
from django.db import connection

HOUSE = ("annotation", "audit", "corpus", "experts", "exports", "review")

# A plain index whose columns are the first columns of another one over the same rows.
_NEEDLESS = """
SELECT needless.indexrelid::regclass::text, longer.indexrelid::regclass::text
FROM pg_index needless
JOIN pg_index longer ON longer.indrelid = needless.indrelid AND longer.indexrelid <> needless.indexrelid
JOIN pg_class one ON one.oid = needless.indexrelid
JOIN pg_class other ON other.oid = longer.indexrelid AND other.relam = one.relam
WHERE needless.indrelid = ANY(%s::regclass[]) AND NOT needless.indisunique
  AND needless.indexprs IS NULL AND longer.indexprs IS NULL
  AND coalesce(pg_get_expr(needless.indpred, needless.indrelid), '')
    = coalesce(pg_get_expr(longer.indpred, longer.indrelid), '')
  AND (string_to_array(longer.indkey::text, ' '))[1:needless.indnkeyatts]
    = string_to_array(needless.indkey::text, ' ')
  AND (string_to_array(longer.indclass::text, ' '))[1:needless.indnkeyatts]
    = string_to_array(needless.indclass::text, ' ')
ORDER BY 1
"""


@pytest.mark.django_db
def test_no_index_is_the_beginning_of_another_one():
    """Every row written pays for each index. Where a foreign key begins a longer one, it says db_index=False."""
    tables = [
        model._meta.db_table for app in HOUSE for model in apps.get_app_config(app).get_models()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_NEEDLESS, [tables])
        assert cursor.fetchall() == []
