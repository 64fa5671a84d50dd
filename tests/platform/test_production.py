"""Production settings, and every process of docker-compose.yml run for real on this machine."""

import json
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psycopg
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from moto.server import ThreadedMotoServer

from lib.embedded.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / ".env.example").read_text().splitlines()
    if line and not line.startswith("#")
)


def signing_key() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def environment(tmp_path):
    """A filled-in .env, on the servers of this test run."""
    return {
        **EXAMPLE,
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings.prod",
        "FIRSTHAND_VAR": str(tmp_path),
        "STATIC_ROOT": str(tmp_path / "static"),
        "EMAIL_URL": "consolemail://",
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEY": secrets.token_urlsafe(48),
        "FINGERPRINT_KEY": secrets.token_urlsafe(48),
        "RELEASE_SIGNING_KEY": signing_key(),
        "S3_SECRET_KEY": secrets.token_urlsafe(24),
    }


def manage(*arguments, environment):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_deployment_checks_are_clean(environment):
    done = manage("check", "--deploy", "--fail-level", "INFO", environment=environment)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set"),
        ("SECRET_KEY", "change-me", "SECRET_KEY still has the value of an example"),
        (
            "FIELD_ENCRYPTION_KEY",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "too short or too regular",
        ),
        ("FINGERPRINT_KEY", "0123456789", "too short or too regular"),
        ("RELEASE_SIGNING_KEY", "", "RELEASE_SIGNING_KEY is not set"),
        ("REDIS_URL", "", "REDIS_URL is not set"),
        ("REDIS_URL", EXAMPLE["REDIS_URL"], "password in REDIS_URL"),
        ("EMAIL_URL", "", "EMAIL_URL is not set"),
        ("EMAIL_URL", EXAMPLE["EMAIL_URL"], "password in EMAIL_URL"),
        ("DATABASE_URL", EXAMPLE["DATABASE_URL"], "password in DATABASE_URL"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name"),
        ("SITE_URL", "http://firsthand.example.org", "https://"),
        ("S3_SECRET_KEY", "change-me", "S3_SECRET_KEY still"),
    ],
)
def test_production_refuses_to_start_on_what_is_missing_or_an_example(
    environment, name, value, complaint
):
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings.prod"],
        cwd=ROOT,
        env={**environment, name: value},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert complaint in done.stderr.splitlines()[-1]


ADDRESS = """
import config.wsgi
from allauth.core.internal.httpkit import get_client_ip
from django.test import RequestFactory
print(get_client_ip(RequestFactory().get("/", headers={"X-Forwarded-For": "10.9.8.7, 203.0.113.9"})))
"""


def test_people_behind_the_proxy_are_told_apart_by_what_it_adds(environment):
    """Limits on failed sign-ins count by address; what a client claims itself is not believed."""
    done = subprocess.run(
        [sys.executable, "-c", ADDRESS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "203.0.113.9", done.stderr


def test_example_environment_names_every_variable_that_compose_asks_for():
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert asked <= set(EXAMPLE)


def test_every_service_has_a_health_check_or_ends_by_itself():
    without = [
        name for name, service in COMPOSE["services"].items() if "healthcheck" not in service
    ]
    assert without == ["prepare"]


def test_image_holds_the_built_front_end_that_doctor_looks_for():
    *_, last = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert "static/dist ./static/dist" in last
    assert "static/dist" in (ROOT / ".dockerignore").read_text().splitlines()


def test_image_runs_as_an_ordinary_user_from_several_stages():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert sum(line.startswith("FROM ") for line in lines) >= 3
    assert [line for line in lines if line.startswith("USER ")] == ["USER firsthand"]


@pytest.fixture
def installation(environment, tmp_path):
    """The environment of one installation: a database and a store of its own."""
    name = f"production_{secrets.token_hex(4)}"
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    store.start()
    host, port = store.get_host_and_port()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield {
            **environment,
            "DATABASE_URL": os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}",
            "REDIS_URL": os.environ["REDIS_URL"].rpartition("/")[0] + "/15",
            "S3_ENDPOINT_URL": f"http://{host}:{port}",
            "BIND": f"127.0.0.1:{free_port()}",
            "DATABASE_POOL": "true",
        }
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    store.stop()


def command_of(service, environment):
    """The command as a container would run it, with our Python and our folder."""

    def fill(match):
        return environment.get(match[1]) or match[2] or ""

    words = [
        re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", fill, w)
        for w in COMPOSE["services"][service]["command"]
    ]
    words = [word.replace("/var/lib/firsthand", environment["FIRSTHAND_VAR"]) for word in words]
    assert words[0] == "python"
    return [sys.executable, *words[1:]]


def answer(address, headers=()):
    try:
        with urlopen(Request(address, headers=dict(headers)), timeout=5) as response:
            return response.status, response.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()
    except (URLError, OSError):
        return 0, ""


def test_every_service_command_runs_and_together_they_are_ready(installation):
    # Without the API's own pages: compressing them takes minutes and shows nothing here.
    leave_out = ("--ignore", "drf_spectacular_sidecar")
    built = manage("collectstatic", "--no-input", *leave_out, environment=installation)
    assert built.returncode == 0, built.stderr
    prepared = subprocess.run(
        command_of("prepare", installation),
        cwd=ROOT,
        env=installation,
        capture_output=True,
        text=True,
    )
    assert prepared.returncode == 0, prepared.stderr
    assert "Made the bucket firsthand" in prepared.stdout
    log = Path(installation["FIRSTHAND_VAR"]) / "processes.log"
    with log.open("w") as output:
        running = [
            subprocess.Popen(
                command_of(service, installation),
                cwd=ROOT,
                env=installation,
                stdout=output,
                stderr=output,
            )
            for service in ("web", "worker", "beat")
        ]
    try:
        address = f"http://{installation['BIND']}"
        deadline = time.monotonic() + 60
        status, found = 0, ""
        while status != 200 and time.monotonic() < deadline:
            status, found = answer(f"{address}/readyz")
            time.sleep(0.2)
        assert status == 200, f"{found}\n{log.read_text()[-3000:]}"
        assert all(check["ok"] for check in json.loads(found)["checks"].values())
        probe = COMPOSE["services"]["web"]["healthcheck"]["test"][2:]
        assert subprocess.run([sys.executable, *probe], cwd=ROOT, env=installation).returncode == 0
        through_proxy = {"X-Forwarded-Proto": "https", "Host": "firsthand.example.org"}
        status, page = answer(f"{address}/accounts/login/", through_proxy.items())
        assert status == 200
        assert "Sign in" in page
    finally:
        for process in running:
            process.terminate()
        codes = [process.wait(timeout=70) for process in running]
    assert codes == [0, 0, 0]


def test_the_image_can_render_what_a_model_sees():
    """What the Dockerfile installs unless told otherwise holds all of `base`, and transformers."""
    found = re.search(r"^ARG REQUIREMENTS=(\w+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    pinned = {
        name: set(
            re.findall(
                r"^([\w.-]+==[^ ;]+)", (ROOT / f"requirements/{name}.txt").read_text(), re.MULTILINE
            )
        )
        for name in ("base", found[1])
    }
    assert pinned["base"] <= pinned[found[1]]
    names = {line.partition("==")[0] for line in pinned[found[1]]}
    assert {"transformers", "tokenizers", "jinja2", "huggingface-hub"} <= names
