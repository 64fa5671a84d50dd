"""The servers that the project starts itself."""

from django.core.cache import cache
from django.db import connection


def test_database_is_a_new_enough_postgresql_in_utc(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('TimeZone')"
        )
        version, zone = cursor.fetchone()
    assert version >= 150000
    assert zone == "UTC"


def test_cache_is_a_real_server():
    cache.set("word", "kept", 5)
    assert cache.get("word") == "kept"
