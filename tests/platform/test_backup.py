"""What is backed up comes back."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
ADD = """
from django.contrib.auth import get_user_model as u
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
u().objects.create(email="kept@example.org", name="A role")
default_storage.save("deep/er/file.bin", ContentFile(bytes(range(256))))
"""
READ = """
from django.contrib.auth import get_user_model as u
from django.core.files.storage import default_storage
print(u().objects.get().email, default_storage.open("deep/er/file.bin").read() == bytes(range(256)))
"""


class Place:
    """One installation: a database and a var folder."""

    def __init__(self, var_dir):
        self.var_dir = var_dir
        self.name = f"backup_{secrets.token_hex(4)}"
        self.url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{self.name}"

    def manage(self, *arguments):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": self.url,
                "FIRSTHAND_VAR": str(self.var_dir),
                "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            },
            capture_output=True,
            text=True,
        )


@pytest.fixture
def places(tmp_path):
    made = [Place(tmp_path / "one"), Place(tmp_path / "other")]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        for place in made:
            place.var_dir.mkdir()
            server.execute(f"CREATE DATABASE {place.name}")
        yield made
        for place in made:
            server.execute(f"DROP DATABASE {place.name} WITH (FORCE)")


def test_backup_comes_back_elsewhere_and_only_when_whole(places, tmp_path):
    one, other = places
    folder = tmp_path / "backup"
    assert one.manage("migrate", "--verbosity", "0").returncode == 0
    assert one.manage("shell", "--no-imports", "-c", ADD).returncode == 0

    done = one.manage("backup", str(folder))
    assert done.returncode == 0, done.stderr
    assert folder.stat().st_mode & 0o077 == 0
    again = one.manage("backup", str(folder))
    assert again.returncode == 1
    assert "is not empty" in again.stderr

    done = other.manage("restore", str(folder))
    assert done.returncode == 0, done.stderr
    assert other.manage("shell", "--no-imports", "-c", READ).stdout.split() == [
        "kept@example.org",
        "True",
    ]
    key = Path("secrets/field_encryption_key")
    assert (other.var_dir / key).read_text() == (one.var_dir / key).read_text()

    refused = other.manage("restore", str(folder))
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    assert other.manage("restore", str(folder), "--replace").returncode == 0

    stored = next((folder / "files").rglob("*.bin"))
    stored.write_bytes(b"tampered with")
    refused = other.manage("restore", str(folder), "--replace")
    assert refused.returncode == 1
    assert "was changed since" in refused.stderr
    assert other.manage("shell", "--no-imports", "-c", READ).stdout.split() == [
        "kept@example.org",
        "True",
    ]
