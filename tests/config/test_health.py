"""/healthz, /readyz and doctor: what is wrong, and what to do."""

import io
import json
import time

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection

from config import health

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker_seen():
    health.remember_worker()
    yield
    health.forget_worker()


def ready(client):
    answer = client.get("/readyz")
    return answer.status_code, json.loads(answer.content)


def test_healthz_looks_at_nothing_else(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_readyz_is_ready_when_all_four_are(client, worker_seen):
    status, found = ready(client)
    assert (status, found["status"]) == (200, "ready")
    assert set(found["checks"]) == {"database", "broker", "worker", "storage"}
    assert all(check["ok"] and not check["advice"] for check in found["checks"].values())


@pytest.mark.parametrize("seen", [None, 600])
def test_readyz_misses_the_worker_and_says_what_to_start(client, seen):
    health.forget_worker()
    if seen:
        cache.set(health.WORKER_MARK, time.time() - seen)
    status, found = ready(client)
    health.forget_worker()
    assert (status, found["status"]) == (503, "not ready")
    assert not found["checks"]["worker"]["ok"]
    assert "celery -A config worker" in found["checks"]["worker"]["advice"]


def test_readyz_tells_no_address_and_no_password(client, worker_seen, monkeypatch):
    def refuse():
        raise OperationalError("connection to 10.0.0.5 failed: password=hunter2")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    status, found = ready(client)
    assert status == 503
    assert "DATABASE_URL" in found["checks"]["database"]["advice"]
    assert "hunter2" not in json.dumps(found)
    assert "10.0.0.5" not in json.dumps(found)


def test_readyz_notices_files_that_cannot_be_stored(client, worker_seen, monkeypatch):
    def refuse(*args):
        raise OSError("read-only")

    monkeypatch.setattr(health.default_storage, "save", refuse)
    status, found = ready(client)
    assert status == 503
    assert not found["checks"]["storage"]["ok"]


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_health_is_only_read(client, address):
    assert client.post(address).status_code == 405


def test_doctor_says_in_a_line_each_what_is_wrong_and_what_to_do():
    health.forget_worker()
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=said, no_color=True)
    lines = said.getvalue().splitlines()
    assert ended.value.code == 1
    assert any(line.startswith("ok") and "PostgreSQL answers" in line for line in lines)
    worker = next(number for number, line in enumerate(lines) if line.startswith("problem  worker"))
    assert "→ See that" in lines[worker + 1]
    assert lines[-1].endswith("of these need doing.")
